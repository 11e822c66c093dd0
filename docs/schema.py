"""Write the JSON Schema of profiles from the loader's table of keys, or check that the file is up to date."""

import json
import sys
from pathlib import Path

from archiver.extract.schema import profile_schema

ROOT = Path(__file__).parent.parent
PLACES = (ROOT / "src" / "archiver" / "extract" / "profile.schema.json",)


def main() -> int:
    """Return 0 when the file is written or up to date."""
    text = json.dumps(profile_schema(), indent=1, ensure_ascii=False, sort_keys=True) + "\n"
    if "--check" in sys.argv:
        stale = [place for place in PLACES if not place.is_file() or place.read_text(encoding="utf-8") != text]
        for place in stale:
            print(f"{place.relative_to(ROOT)} is stale; run `make docs`", file=sys.stderr)
        return 1 if stale else 0
    for place in PLACES:
        place.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
