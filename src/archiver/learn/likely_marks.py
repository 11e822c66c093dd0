"""The marks of the programs with a bundled profile: their `<meta name="generator">`, and their markup."""

import re
from typing import NamedTuple


class Declaration(NamedTuple):
    """What a program writes into `<meta name="generator">`.

    Attributes:
        profile: the bundled profile for it.
        called: its name.
        pattern: matched at the start; its first group is the version, or empty.
    """

    profile: str
    called: str
    pattern: re.Pattern[str]


class MarkupSign(NamedTuple):
    """Markup that only one program makes.

    Attributes:
        profile: the bundled profile for it.
        called: its name.
        selector: nodes; the address of one of them must be on the page's own host.
        needed: a second selector that must match, too; empty if the first is proof enough.
    """

    profile: str
    called: str
    selector: str
    needed: str


DECLARED = tuple(
    Declaration(profile, called, re.compile(pattern))
    for profile, called, pattern in (
        ("mediawiki", "MediaWiki", r"MediaWiki\b\s*([\w.-]*)"),
        ("wordpress", "WordPress", r"WordPress(?:\.com)?\b\s*([\w.-]*)"),
        ("drupal", "Drupal", r"Drupal\b\s*([\w.-]*)"),
        ("docbook", "Publican", r"(?i:publican)\b\s*v?([\w.-]*)"),
        ("docbook", "DocBook", r"(?i:DocBook)\b(?:\s\w+)*?\s+[Vv]?(\d[\w.-]*)"),
        ("sphinx", "Sphinx", r"Sphinx\b\s*([\w.-]*)"),
        ("joomla", "Joomla", r"Joomla!\s*(\d[\d.]*)?.{0,3}-?\s*Open Source Content Management"),
        ("typo3", "TYPO3", r"TYPO3\s+(?:(\d[\d.]*)\s+)?CMS\b"),
        ("plone", "Plone", r"Plone(?:\s+(\d[\d.]*))?\s+-\s+https?://plone\.(?:org|com)"),
        ("dokuwiki", "DokuWiki", r"DokuWiki\b()"),
        ("ghost", "Ghost", r"Ghost\s+(\d[\d.]*)"),
        ("discourse", "Discourse", r"Discourse\s+(\d[\w.-]*)"),
        ("dnn", "DotNetNuke", r"DotNetNuke\b\s*(\d[\d.]*)?"),
        ("nukeviet", "NukeViet", r"NukeViet\b\s*v?(\d[\w.]*)?"),
        ("umbraco", "Umbraco", r"(?i:Umbraco)\b(?:\s+CMS)?\s*(\d[\d.]*)?"),
    )
)

MARKUP = tuple(
    MarkupSign(*each)
    for each in (
        ("mediawiki", "MediaWiki", "body.mediawiki #mw-content-text", ""),
        ("wordpress", "WordPress", "link[rel='https://api.w.org/']", ""),
        (
            "wordpress",
            "WordPress",
            "link[href*='/wp-content/'], link[href*='/wp-includes/'], script[src*='/wp-includes/']",
            "",
        ),
        (
            "drupal",
            "Drupal",
            "script[data-drupal-selector], script[src*='/misc/drupal.js'], script[src*='/core/misc/drupal']",
            "",
        ),
        ("drupal", "Drupal", "link[href*='/sites/default/files/css/'], script[src*='/sites/default/files/js/']", ""),
        ("sphinx", "Sphinx", "script[src*='_static/documentation_options.js'], script#documentation_options", ""),
        (
            "sphinx",
            "Sphinx",
            "link[href*='_static/'], script[src*='_static/']",
            ".headerlink, .sphinxsidebar, .toctree-wrapper",
        ),
        ("docbook", "DocBook", ".navheader, .docnav", ".titlepage"),
        (
            "joomla",
            "Joomla",
            "script.joomla-script-options, script[src*='/media/system/js/'], script[src*='/media/jui/js/']",
            ".item-page, .com-content-article, .com-content-category-blog, .blog, #k2Container, .contentpaneopen",
        ),
        (
            "typo3",
            "TYPO3",
            (
                "link[href*='typo3temp/'], script[src*='typo3temp/'], link[href*='typo3conf/ext/'], "
                "script[src*='typo3conf/ext/'], link[href*='/_assets/'], script[src*='/_assets/']"
            ),
            ".frame[id^=c], .csc-default, .ce-bodytext, .news-single, .news-list-view, [class*=tx-]",
        ),
        (
            "plone",
            "Plone",
            (
                "link[href*='++plone++'], link[href*='/portal_css/'], script[src*='/portal_javascripts/'], "
                "script[src*='++plone++'], script[src*='++resource++'], body[data-portal-url]"
            ),
            ".documentFirstHeading, #content-core, body[class*=portaltype-]",
        ),
        ("plone", "Plone", "body.public-ui[class*=contenttype-]", "#page-document, .documentFirstHeading"),
        (
            "dokuwiki",
            "DokuWiki",
            "link[href*='/lib/exe/css.php'], script[src*='/lib/exe/js.php'], link[href*='/lib/exe/manifest.php']",
            ".dokuwiki",
        ),
        (
            "ghost",
            "Ghost",
            "link[href*='/assets/built/'], script[src*='/assets/built/'], script[src*='/public/cards.min.js']",
            ".gh-content, .gh-head, .gh-header, .post-full-content, body[class*=tag-hash-]",
        ),
        (
            "discourse",
            "Discourse",
            "meta#data-discourse-setup, meta[name^=discourse_], #data-discourse-setup",
            "#main-outlet, #main-outlet-wrapper, .crawler-post",
        ),
        ("phpbb", "phpBB", "body#phpbb", "#page-body, .page-body"),
        ("phpbb", "phpBB", "link[href*='subSilver.css'], link[href*='/subsilver2/']", ".forumline, .tablebg"),
        (
            "sharepoint",
            "SharePoint",
            "meta[content='Microsoft SharePoint'], link[href*='/_layouts/'], script[src*='/_layouts/']",
            (
                "#s4-workspace, #MSO_ContentTable, .ms-rtestate-field, #DeltaPlaceHolderMain, "
                "input[name=MSOWebPartPage_PostbackSource]"
            ),
        ),
        (
            "liferay",
            "Liferay",
            (
                "link[href*='/o/frontend-'], script[src*='/o/frontend-'], "
                "script[src*='/html/js/liferay/'], script[src*='/html/js/barebone.jsp'], "
                "link[href*='/html/css/main.css'], "
                "script[src*='/combo/'], link[href*='/combo/'], script[src*='/o/js_']"
            ),
            ".portlet-boundary, .journal-content-article, [class*=lfr-layout-structure-item]",
        ),
        (
            "dnn",
            "DotNetNuke",
            (
                "form#Form, link[href*='/Portals/'], link[href*='/DesktopModules/'], script[src*='/DesktopModules/'], "
                "link[href*='DependencyHandler.axd']"
            ),
            "[id^=dnn_ctr], .DnnModule",
        ),
        (
            "nukeviet",
            "NukeViet",
            "script[src*='/js/language/'], script[src*='/assets/js/global.js'], script[src*='/js/nv.core.js']",
            ".news_column, #news-bodyhtml, #news_detail",
        ),
        (
            "umbraco",
            "Umbraco",
            "img[src*='/media/'], input[name=ufprt], link[href*='/App_Plugins/'], script[src*='/App_Plugins/']",
            ".umb-block-list, .umb-block-grid, .umb-grid, .umbraco-forms-form",
        ),
    )
)
"""Two signs for each program, where one alone could be a coincidence or a page that only quotes it.

For SharePoint, its declaration is only one of them: portals that print their own markup with it are read better by a
profile of their own.
"""
