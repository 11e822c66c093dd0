"""The options and the environment with which Chromium is started: no network, nothing of its own to do, no traces."""

import os
from pathlib import Path

_NO_NETWORK = (
    "--host-resolver-rules=MAP * ~NOTFOUND",  # names, addresses, and the proxy itself
    "--proxy-server=http://127.0.0.1:9",
    "--proxy-bypass-list=<-loopback>",  # loopback takes the proxy, too
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",  # its name in older versions
    "--disable-quic",
    "--dns-prefetch-disable",
    "--no-pings",
)
_NOTHING_OF_ITS_OWN = (
    "--disable-background-networking",
    "--disable-breakpad",
    "--disable-client-side-phishing-detection",
    "--disable-component-extensions-with-background-pages",
    "--disable-component-update",
    "--disable-crash-reporter",
    "--disable-default-apps",
    "--disable-domain-reliability",
    "--disable-extensions",
    "--disable-field-trial-config",
    "--disable-notifications",
    "--disable-search-engine-choice-screen",
    "--disable-sync",
    "--metrics-recording-only",
    "--no-default-browser-check",
    "--no-first-run",
    "--no-service-autorun",
    "--password-store=basic",
    "--use-mock-keychain",
)
_NO_TRACES = ("--disk-cache-size=1", "--media-cache-size=1", "--disable-gpu-shader-disk-cache")
_SAME_PICTURES = (
    "--blink-settings=imageAnimationPolicy=2",  # animated images stand still
    "--disable-lcd-text",
    "--font-render-hinting=none",
    "--force-color-profile=srgb",
    "--force-device-scale-factor=1",
    "--hide-scrollbars",
    "--force-prefers-reduced-motion",
)
_SMALL = (
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-software-rasterizer",
    "--disable-background-timer-throttling",
    "--disable-backgrounding-occluded-windows",
    "--disable-renderer-backgrounding",
    "--disable-hang-monitor",
    "--disable-prompt-on-repost",
    "--mute-audio",
    "--deny-permission-prompts",
    "--disable-site-isolation-trials",  # one process a page: its frames share one, and no two pages ever do
)
_OFF = (
    "AcceptCHFrame",
    "AutofillServerCommunication",
    "BackForwardCache",
    "CertificateTransparencyComponentUpdater",
    "DialMediaRouteProvider",
    "InterestFeedContentSuggestions",
    "IsolateOrigins",
    "MediaRouter",
    "OptimizationHints",
    "PaintHolding",
    "Prerender2",
    "InitialWebUI",
    "SpareRendererForSitePerProcess",
    "Translate",
    "WebUIOmniboxAimPopup",
    "WebUIOmniboxFullPopup",
    "WebUIOmniboxPopup",
    "WebUIToolbar",
    "site-per-process",
)


def words(heap_megabytes: int, *, has_sandbox: bool) -> list[str]:
    """Return the arguments of Chromium, but for its folder.

    Args:
        heap_megabytes: the most memory of the scripts of one process.
        has_sandbox: whether it runs in its sandbox.
    """
    groups = (_NO_NETWORK, _NOTHING_OF_ITS_OWN, _NO_TRACES, _SAME_PICTURES, _SMALL)
    return [
        "--headless=new",
        "--remote-debugging-pipe",
        *(word for group in groups for word in group),
        f"--disable-features={','.join(_OFF)}",
        f"--js-flags=--max-old-space-size={heap_megabytes}",
        *(() if has_sandbox else ("--no-sandbox",)),
        "--no-startup-window",
    ]


def environment(folder: Path) -> dict[str, str]:
    """Return the environment of Chromium: nothing of ours but where programs are, and a home in its own folder."""
    kept = ("PATH", "LD_LIBRARY_PATH", "FONTCONFIG_FILE", "FONTCONFIG_PATH")
    return {
        **{name: os.environ[name] for name in kept if name in os.environ},
        "HOME": str(folder),
        "TMPDIR": str(folder),
        "LANG": "C.UTF-8",
        "LANGUAGE": "en",
        "TZ": "UTC",
    }
