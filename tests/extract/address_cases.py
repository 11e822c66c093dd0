"""Addresses like those of real sites: an article, other articles of the site, and pages that are not articles.

One site on each line: its name (and its language, where that matters), an article, other articles, and other pages.
Each is read with only the first address known.
"""

from typing import NamedTuple


class Case(NamedTuple):
    """The paths of one site."""

    name: str
    language: str
    sample: str
    articles: list[str]
    others: list[str]


_TABLE = """
wordpress-day-and-name | /2024/03/05/cho-noi-mo-lai/ | /2024/03/06/le-hoi/ /2023/12/31/mot-ngay-tren-song-lon /2024/11/01/x-y/?utm_source=rss | /2024/03/05/ /2024/03/ /2024/ /category/tin/ /tag/cho-noi-ben-song/ /page/2/ /2024/03/page/2/ /lien-he/
wordpress-month-and-name | /2024/02/phien-cho-que/ | /2024/03/hello/ /2019/11/bai-viet-2/ | /2024/02/ /2024/ /author/lan/ /category/chuyen-lang/ /?s=cho /about/
wordpress-name-alone | /the-old-bridge-opens-again-after-two-years/ | /council-votes-for-a-new-school/ /market-day-is-back-in-town | /category/local-news/ /tag/the-old-bridge-of-the-town/ /about/ /contact-us/ /page/3/ /author/jane-of-the-four-winds/
wordpress-category-and-name | /news/local/ferry-runs-again-from-april/ | /news/world/storm-closes-three-harbours/ /sport/rowers-win-the-lake-cup/ | /news/ /news/local/ /tag/ferry/ /news/page/2/ /privacy-policy/
wordpress-plain | /?p=12 | /?p=4711 /?p=9&preview_id=1 | /?cat=3 /?paged=2 /?m=202403 /?page_id= /?s=p
wordpress-numeric | /archives/123 | /archives/124 /archives/99871/ | /archives /archives/ /archives/category/x /2024
drupal-node | /node/41 | /node/7 /node/12345 /node/8/ | /node /node/add /node/41/edit /taxonomy/term/41 /user/41
drupal-node-in-a-language | /vi/node/410 | /vi/node/7 /en/node/9 | /vi/taxonomy/term/7 /vi /vi/user/410 /vi/node
drupal-query | /?q=node/12 | /?q=node/1345 /?q=node/9&destination=x | /?q=user/12 /?q=taxonomy/term/2 /?q=node
drupal-alias | /actualites/le-jardin-de-lecole-rouvre | /actualites/la-piscine-ferme-pour-tout-lete /evenements/fete-du-village-en-aout | /actualites /evenements /user/login /taxonomy/term/3 /actualites?page=2
joomla-id-and-slug | /tin-tuc/123-cho-que | /tin-tuc/7-le-hoi /tin-tuc/1204-den-hoa-sen | /tin-tuc /tin-tuc/ /lien-he /tin-tuc?start=10
joomla-index-php | /index.php/tin-tuc/123-le-hoi-ben-song | /index.php/tin-tuc/98-phien-cho /index.php/tin-tuc/1021-mua-nuoc-noi-ve-muon | /index.php/tin-tuc /index.php /index.php/lien-he /index.php/tin-tuc?start=5
joomla-category-and-article | /index.php/component/content/article/12-tin-noi-bo/345-hop-giao-ban | /index.php/component/content/article/9-su-kien/31-khai-giang /index.php/component/content/article/12-tin-noi-bo/7-x | /index.php/component/content/category/12-tin-noi-bo /index.php /index.php/component/search/
joomla-query | /index.php?option=com_content&view=article&id=12:le-hoi&catid=3&Itemid=7 | /index.php?option=com_content&view=article&id=9 /index.php?view=article&option=com_content&catid=2&id=771:x | /index.php?option=com_content&view=category&id=12 /index.php /index.php?option=com_search&id=1 /index.php?option=com_content&view=article
typo3-detail | /aktuelles/detail/hafenfest | /aktuelles/detail/neuer-radweg /presse/detail/haushalt-2024-beschlossen | /aktuelles /aktuelles/ /aktuelles/archiv /kontakt /presse/termine
typo3-query | /index.php?id=45&tx_news_pi1[news]=312&cHash=ab12 | /index.php?id=45&tx_news_pi1[news]=7 /index.php?id=45&tx_news_pi1%5Bnews%5D=99&L=1 | /index.php?id=45 /index.php?id=45&tx_news_pi1[currentPage]=2 /index.php
plone-news | /en/news/the-harbour-master-retires-in-may | /en/news/a-new-pier-for-small-boats /en/about/press/annual-report-shows-more-ships | /en /en/news /en/about /en/about/press /en/search /en/news/folder_listing /sitemap
plone-short-ids | /noticias/2023/puerto | /noticias/2024/faro /noticias/2021/barcos-nuevos | /noticias/2023 /noticias /noticias/2023/ /contacto
sharepoint-post | /tintuc/lists/posts/post.aspx?ItemID=5678&Source=%2Ftintuc | /tintuc/Lists/Posts/Post.aspx?ItemID=9 /thongbao/lists/posts/post.aspx?Category=&ItemID=12 | /tintuc/default.aspx /tintuc/default.aspx?Page=2 /tintuc/lists/posts/allposts.aspx /tintuc/lists/posts/post.aspx
sharepoint-pages | /Pages/khai-mac-he-2024.aspx | /Pages/hop-bao.aspx /pages/Le-Khanh-Thanh.aspx?x=1 | /Pages/default.aspx /Pages/Home.aspx /Pages/ /default.aspx
sharepoint-form | /Lists/ThongBao/DispForm.aspx?ID=31 | /Lists/ThongBao/DispForm.aspx?ID=7 /Lists/TinTuc/dispform.aspx?id=8 | /Lists/ThongBao/AllItems.aspx /Lists/ThongBao/DispForm.aspx /Lists/ThongBao/
aspx-view | /xem.aspx?id=77 | /xem.aspx?id=9 /Xem.aspx?lang=vi&ID=1000 | /ds.aspx?id=7 /xem.aspx /default.aspx?id=77 /
aspx-tab | /Default.aspx?tabid=120&NewsID=3456 | /default.aspx?tabid=120&newsid=7 /Default.aspx?NewsID=12&tabid=88 | /Default.aspx?tabid=120 /Default.aspx /Default.aspx?tabid=12&CatID=3
aspx-slug-and-id | /tin-tuc/Bai-Viet-Moi-123456.aspx | /tin-tuc/Bai-99871.aspx /Su-Kien/hoi-thao-100200.aspx | /tin-tuc/default.aspx /tin-tuc/ /trang-chu.aspx
aspx-session | /(S(abcdefgh12345678))/tin/bai-viet-12345.aspx | /tin/bai-khac-12346.aspx /(S(zzzzzzzz99999999))/su-kien/x-99999.aspx | /(S(abcdefgh12345678))/ /(S(abcdefgh12345678))/default.aspx /tin/
asp-id | /news/show.asp?newsid=88 | /news/show.asp?newsid=1002 /news/Show.asp?page=1&newsid=5 | /news/list.asp?cat=88 /news/show.asp /news/index.asp
liferay-asset | /web/guest/tin-tuc/-/asset_publisher/Ab3dEf9hIj/content/khai-giang | /web/guest/su-kien/-/asset_publisher/Zz9yXx8wVv/content/le-hoi-ao-dai /web/guest/tin-tuc/-/asset_publisher/Ab3dEf9hIj/content/a-b | /web/guest/tin-tuc /web/guest/home /web/guest/tin-tuc/-/asset_publisher /c/portal/login
liferay-friendly | /-/hop-bao-thuong-ky | /-/khai-mac /-/mua-lu-ve-som-tren-song | /tin-tuc /- /-/ /web/guest
liferay-w | /w/hop-bao | /w/khai-mac /vi/w/le-hoi-nam-2024 | /tin-tuc /w /home
jsp-session | /portal/news/view.do;jsessionid=0A1B2C3D?newsId=345 | /portal/news/view.do?newsId=9 /portal/news/view.do;jsessionid=FF?page=1&newsId=1234 | /portal/news/list.do?page=2 /portal/news/view.do /portal/main.do
path-session | /tin/bai-viet-moi-12345.html;jsessionid=0A1B2C3D | /tin/bai-cu-12001.html /tin/bai-9-99999.html;jsessionid=77 | /tin/ /tin/index.html;jsessionid=77 /;jsessionid=77
mediawiki-path | /wiki/Lantern_Islands | /wiki/Orrin /wiki/Dune:_Part_Two /wiki/Anchor /wiki/C%C3%A1t_Ti%C3%AAn | /wiki/Special:RecentChanges /wiki/Category:Islands /wiki/Talk:Orrin /wiki/ /wiki
mediawiki-query | /index.php?title=Lantern_Islands | /index.php?title=Orrin /index.php?oldid=3&title=X | /index.php /index.php?search=x /api.php?title=X
mediawiki-index-path | /index.php/Lantern_Islands | /index.php/Orrin /index.php/The_Old_Bridge_of_Orrin | /index.php /index.php/ /
dokuwiki-query | /doku.php?id=guide:boats | /doku.php?id=start:rope /doku.php?id=anchor | /doku.php /doku.php?do=recent /lib/exe/detail.php?id=guide
wiki-name-with-a-dot | /wiki/Node.js | /wiki/Deno /wiki/Vue.js | /wiki/Special:Search /wiki/ /
discourse | /t/how-to-tie-a-bowline/1234 | /t/wet-ropes/9 /t/a-b-c-d-e-f/77/ | /c/knots/5 /c/knots /tag/rope /latest /u/ann/123 /t
phpbb | /viewtopic.php?f=2&t=345 | /viewtopic.php?t=9&f=1 /viewtopic.php?t=10001 | /viewforum.php?f=2 /viewtopic.php /index.php
vbulletin | /threads/123-knots-for-beginners | /threads/9-ropes /threads/44512-x-y-z | /threads /forums/12-knots /members/123-ann
xenforo | /threads/knots-for-beginners.12345/ | /threads/ropes.99871/ /threads/a-b-c.10001/ | /forums/knots.12/ /threads/ /members/ann.123/
blogger | /2024/03/cho-que.html | /2023/01/x.html /2024/11/mot-ngay-tren-song.html | /2024/03/ /2024/ /p/about.html /search/label/cho /search?updated-max=2024-01-01
hash-at-the-end | /@ann/why-ropes-rot-3f2a1b4c5d6e | /@bob/hemp-9a8b7c6d5e4f /knots-and-more/tying-0123456789ab | /@ann /tag/rope /about /me/stories
substack | /p/why-ropes-rot | /p/hemp /p/a-b-c-d-e | /archive /about /p/ /podcast
id-at-the-end-html vi | /bai-viet-ve-mua-lu-4567890.html | /thoi-su/giao-thong/cau-moi-thong-xe-4611223.html /gia-xang-4699999.html | /thoi-su /thoi-su/giao-thong /tag/mua-lu.html /rss.html
id-in-a-folder | /ekonomi/822959/harga-beras-naik | /olahraga/848034/tim-menang /ekonomi/bisnis/851796/x-y-z | /ekonomi /ekonomi/bisnis /tag/beras /indeks
article-id-in-a-folder | /politik/article241536118/Heide-Park.html | /sport/mehr/article409956720/spiel.html /berlin/article1234/a-b-c.html | /politik/ /sport/mehr/ /themen/heide-park/ /politik/index.html
token-in-a-folder | /nyheter/a/QMny8A/hoten-mot-byn | /sport/fotboll/a/Ard8wM/matchen /a/WvoyXQ/bron-stangs | /nyheter /sport/fotboll /nyheter/a /tagg/byn
date-and-slug-together | /business/nepal-plane-report-2023-04-25/ | /world/middle-east/tank-fired-2024-03-07/ /sport/cup-2022-12-31 | /business/ /world/middle-east/ /world/ /authors/ann-lee/
date-before-slug | /news/2025-05-21-budget-30 | /sport/rugby/2025-11-10-cup-final /news/2019-01-02-x | /news /sport/rugby /news/page/2
month-name | /world/2024/mar/05/river-rises | /sport/2023/dec/31/cup /world/europe/2024/apr/11/a-b-c | /world /world/2024/mar/05 /world/2024/mar/05/ /profile/ann-lee
date-then-section | /2024/12/30/news/morte_del_presidente-423912500/ | /2025/01/05/news/striscione-423921494/ /cronaca/2025/01/05/news/x_y-423921000/ | /2024/12/30/ /2024/12/30/news/ /cronaca/ /autori/anna/
hex-id | /espana/2024/10/15/670e2ff5e85ece54708b459f.html | /deportes/formula-1/2024/12/02/674cdc8a21efa004028b45a8.html /2023/01/01/63b1c2d3e4f5a6b7c8d9e0f1.html | /espana.html /espana/2024/10/15/ /deportes/formula-1.html
uuid | /story/6f1c2d3e-4a5b-6c7d-8e9f-0a1b2c3d4e5f | /story/11111111-2222-4333-8444-555555555555 /sport/aaaaaaaa-bbbb-4ccc-8ddd-eeeeeeeeeeee | /story /story/latest /sport
number-alone | /archive/63076 | /archive/63075 /archive/101010/ | /archive /archive/ /archive/page/2 /about
number-under-sections | /articles/view/present/366660 | /articles/view/sports/367061 /articles/view/life/360001 | /articles/view/present /articles/index/sports /pages/faq /articles/view/present/2
number-html-under-slug | /sport/neue-regel-bestraft-die-schweiz/158614751.html | /politik/kluckers-und-tudor-gewinnen/74555143.html /x/y/11112222.html | /sport/ /politik/ /sport/index.html /service/
dotted-number | /news/world/ceasefire-talks-1.7287711?cmp=rss | /news/canada/fire-1.7286529 /sports/cup-1.5000001 | /news/world /news /search /news/politics/author/ann-lee-1.4736637
letters-and-number | /News/Read/A2025051516330004328 | /news/article/A2026012914320005196 /News/Read/A2024010100000000001 | /News /News/Economy /Search /News/Read
underscored | /frettir/innlent/nyr_vegur_opnadur_i_gaer | /sport/landslidid_vann_leikinn_i_kvold /frettir/erlent/flod_i_nokkrum_borgum_landsins | /frettir /frettir/innlent /sport /frettir/page/2
two-dashes | /capital/donald-trump--warum-kritik-ineffektiv-ist--35200132.html | /wirtschaft/skandal--neue-melder-35199846.html /a-35190000.html | /capital/ /wirtschaft/immobilien/ /capital/index.html
dots-in-names | /a.b/c.d-e.html | /a.b/x.y-z.html /a.b/f.html | /a.b/ /a.b/index.html / /z/
folder-and-short-name | /tin/bai.html | /tin/cho-que.html /tin/a-1.html | /tin/ /tin/index.html /lien-he.html /index.html
folder-and-number-html | /tin/bai-viet-123.html | /tin/cho-124.html /tin/x-y-z-9001.html | /tin/ /tin/index.html /lien-he.html /tin/chuyen-muc.html
php-folder | /news/detail.php/345/le-hoi | /news/detail.php/9/cho-que /news/detail.php/10001/x | /news/detail.php /news/list.php/345 /news/
php-query-with-act | /index.php?mod=news&act=detail&id=55 | /index.php?mod=news&act=detail&id=7 /index.php?act=detail&mod=news&id=1001&lang=vi | /index.php?mod=news&act=list&id=5 /index.php?mod=product&act=detail&id=5 /index.php
htm-flat | /d2024031512345.htm | /d2024031600001.htm /d2023010199999.htm | /index.htm / /lienhe.htm
cms-ending | /city/town/river-rises-after-rain/articleshow/108234567.cms | /sport/cup-final-is-today/articleshow/108230001.cms /x/y/z/articleshow/99871234.cms | /city/town /city /city/town/articlelist /topic/river
non-ascii-slug | /tin/%E4%BB%8A%E5%B9%B4%E6%B2%B3%E6%B0%B4-45678 | /tin/%E5%B8%82%E9%9B%86-45679 /tin/ch%E1%BB%A3-qu%C3%AA-99999 | /tin /tin/ /tin/page/2 /%E5%B8%82%E9%9B%86
non-ascii-folder | /%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/%D0%B2-%D0%B3%D0%BE%D1%80%D0%BE%D0%B4%D0%B5-%D0%BD%D0%BE%D0%B2%D1%8B%D0%B9-%D0%BC%D0%BE%D1%81%D1%82 | /%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/%D0%BB%D0%BE%D0%B4%D0%BA%D0%B8-%D0%B2-%D0%BE%D0%B7%D0%B5%D1%80%D0%B5-%D1%81%D0%BD%D0%BE%D0%B2%D0%B0 | /%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8/ /%D0%BE-%D0%BD%D0%B0%D1%81/
encoded-spaces | /docs/Ke%20hoach%20so%205%20nam%202024.html | /docs/Thong%20bao%20nghi%20le%20nam%20nay.html /docs/Lich%20tiep%20dan%20thang%203.html | /docs/ /docs/index.html /
portal-vn-long-category vi | /tin-tuc-su-kien/uy-ban-nhan-dan-quan-to-chuc-le-phat-dong-trong-cay | /tin-tuc-su-kien/khai-mac-ky-hop-thu-muoi-hoi-dong-nhan-dan /thong-bao/lich-tiep-cong-dan-thang-ba-nam-nay | /tin-tuc-su-kien /thong-tin-lien-he /tin-tuc-su-kien/hoat-dong /chinh-sach-bao-mat
id-before-slug-long | /tin/45678-uy-ban-hop | /tin/45699-cho-que /su-kien/50001-x | /tin /su-kien /tin/trang-2
upper-case-path | /NEWS/STORY/12345 | /NEWS/STORY/12399 /news/story/20001 | /NEWS /NEWS/STORY /NEWS/STORY/2
shtml-with-day-folder | /esteri/25_gennaio_05/il-presidente-arriva-a-roma.shtml | /cronache/24_dicembre_31/neve.shtml /esteri/25_febbraio_11/a-b.shtml | /esteri/ /esteri/index.shtml / /cronache/
trailing-id-after-underscore | /nrw/staedte/baeckerei-schliesst_aid-110715299 | /nrw/landespolitik/schule_aid-107992075 /sport/pokal_aid-100000001 | /nrw/ /nrw/staedte/ /sport/fussball/
glued-id | /chemnitz/frauenzentrum-erinnert-artikel13271341 | /nachrichten/panorama/spott-artikel13615373 /x-artikel13000001 | /chemnitz /nachrichten/panorama /chemnitz/seite-2
fragment | /tin-tuc/78901-le-hoi#binh-luan | /tin-tuc/78902-cho-que /tin-tuc/80000-x#top | /tin-tuc /tin-tuc#top /#tin
ghost | /welcome-to-our-new-home/ | /why-we-moved-the-boats/ | /about/ /tag/news/ /author/ann/ /page/2/
hugo | /posts/my-first-post/ | /posts/hello/ /posts/a-b-c/ | /posts/ /tags/x/ /categories/ /about/
jekyll | /blog/2024/03/05/title.html | /blog/2023/12/01/a-b.html | /blog/ /blog/index.html /blog/page2/
squarespace | /blog/2024/3/5/title | /blog/2023/12/11/x-y | /blog /blog?tag=x /blog/category/X /about
wix | /post/slug-here | /post/x /post/a-b-c-d | /blog /blog/categories/x /about
shopify | /blogs/news/our-new-store | /blogs/news/summer-sale-is-here | /blogs/news /blogs/news/tagged/x /collections/all /pages/about
confluence | /display/SPACE/Page+Title | /display/SPACE/Another+One /display/SPACE/X | /display/SPACE /dashboard.action
confluence2 | /pages/viewpage.action?pageId=123456 | /pages/viewpage.action?pageId=99 | /pages/recentlyupdated.action /pages/viewpage.action
confluence3 | /spaces/DOC/pages/12345/Title+here | /spaces/DOC/pages/99887/X | /spaces/DOC /spaces/DOC/pages
github | /owner/repo/issues/12 | /owner/repo/issues/1345 | /owner/repo/issues /owner/repo /owner/repo/pulls
so | /questions/12345678/how-to-x | /questions/99999/a-b-c | /questions /questions/tagged/x /users/123/ann
hn | /item?id=123 | /item?id=40000000 | /news?p=2 /user?id=x /item /newest
reddit | /r/sub/comments/abc123/title_here/ | /r/other/comments/1b2c3d/x_y/ | /r/sub/ /r/sub /r/sub/new/
vbpq | /vbpq/ViewDetail.aspx?ItemID=12345 | /vbpq/viewdetail.aspx?ItemID=9 | /vbpq/Default.aspx /vbpq/ViewDetail.aspx
tvpl | /van-ban/Giao-duc/Thong-tu-12-2024-TT-BGDDT-123456.aspx | /van-ban/Y-te/Quyet-dinh-1-QD-TTg-99887.aspx | /van-ban/Giao-duc/ /van-ban/ /page/tim-van-ban.aspx
chinhphu | /thu-tuong-chu-tri-hop-102240305123456789.htm | /abc-102230101000000001.htm /x-y-102240306111111111.htm | /thoi-su.htm /kinh-te/nganh-hang.htm
nukeviet-html | /news/tin-noi-bo/le-hoi-123.html | /news/tin-noi-bo/a-b-1001.html | /news/tin-noi-bo/ /news/ /contact/
hcmc | /web/guest/tin-tuc/-/chi-tiet/le-hoi-ao-dai-12345-1.html | /web/guest/thong-bao/-/chi-tiet/abc-def-98765-1.html | /web/guest/tin-tuc /web/guest/home
viewcontent | /chi-tiet-tin/-/view_content/content/123456/le-hoi | /chi-tiet-tin/-/view_content/content/99887/x-y | /chi-tiet-tin /trang-chu
article-num | /article/123 | /article/99 /article/10001 | /article /articles
newsphp | /news.php?id=12 | /news.php?id=1001 | /news.php?page=2 /news.php /index.php
k2 | /index.php/vi/tin-tuc/item/123-le-hoi | /index.php/vi/tin-tuc/item/9-x /index.php/vi/su-kien/item/45-a-b | /index.php/vi/tin-tuc /index.php/vi /index.php/vi/tin-tuc/itemlist/category/3-x
dnn | /TinTuc/tabid/66/ctl/ArticleView/mid/381/articleId/1234/Le-hoi.aspx | /SuKien/tabid/67/ctl/ArticleView/mid/390/articleId/99/X.aspx | /TinTuc/tabid/66/Default.aspx /Default.aspx /TinTuc/tabid/66/language/vi-VN/Default.aspx
dnn2 | /tabid/123/ArticleID/456/le-hoi/Default.aspx | /tabid/123/ArticleID/789/x-y/Default.aspx | /tabid/123/Default.aspx /Default.aspx
manyparams | /Default.aspx?sname=x&sid=4&pageid=467&catid=4&id=12345 | /Default.aspx?sname=x&sid=4&pageid=467&catid=9&id=7 | /Default.aspx?sname=x&sid=4&pageid=467 /Default.aspx
portalpages | /portal/Pages/2024-3-5/Le-hoi-abc.aspx | /portal/Pages/2023-12-31/X-y.aspx | /portal/Pages/default.aspx /portal/Pages/Tin-tuc.aspx
c-a | /tin-tuc/trong-nuoc/mua-lu-c12a345.html | /tin-tuc/the-gioi/x-y-c7a99.html /the-thao/bong-da/a-b-c9a1001.html | /tin-tuc/trong-nuoc/ /tin-tuc/ /tin-tuc-c12.html
cmsview | /cms/article/view/12345 | /cms/article/view/99887 | /cms/article/list/2 /cms/ /cms/article
artikel | /artikel/12345/ein-titel | /artikel/99887/x | /artikel /artikel/archiv
num-html | /news/12345.html | /news/12399.html /sport/20001.html | /news/index.html /news/ /news/list_2.html
xinhua | /politics/2024-03/05/c_1130084567.htm | /world/2023-12/31/c_1130011111.htm | /politics/index.htm /politics/ /world/
people | /n1/2024/0305/c1001-40189999.html | /n1/2023/1231/c64094-40150000.html | /GB/index.html /n1/
qq | /rain/a/20240305A01ABC00 | /rain/a/20231231B0XYZA00 | /ch/tech /rain/
163 | /dy/article/ISABCD1234567XYZ.html | /dy/article/ISZZZZ7654321ABC.html | /dy/ /tech/
naver | /article/001/0014544444 | /article/025/0003344444 | /section/100 /article/list
naverold | /main/read.nhn?mode=LSD&mid=shm&sid1=100&oid=001&aid=0014544444 | /main/read.nhn?mode=LSD&mid=shm&sid1=101&oid=025&aid=0003344444 | /main/list.nhn?mode=LSD&mid=shm&sid1=100 /main/home.nhn
yjp | /articles/0a1b2c3d4e5f60718293a4b5c6d7e8f901234567 | /articles/ffffeeee000011112222333344445555aaaabbbb | /categories/domestic /ranking /articles
nhk | /news/html/20240305/k10014378901000.html | /news/html/20231231/k10014300001000.html | /news/ /news/catnew.html /news/html/
tass | /obschestvo/20151234 | /ekonomika/20100001 | /obschestvo /ekonomika
ria | /20240305/most-1931234567.html | /20231231/novyy-god-1919999999.html | /politics/ /20240305/
lemonde | /politique/article/2024/03/05/le-debat_6220123_823448.html | /sport/article/2023/12/31/x-y_6200001_3242.html | /politique/ /sport/ /archives-du-monde/05-03-2024/
nyt | /2024/03/05/world/europe/river-rises.html | /2023/12/31/world/asia/x.html /2024/01/01/us/a-b-c.html | /section/world /2024/03/05/
bbc | /news/articles/c4n1x2y3z4vo | /news/articles/cx2abcdefg1o | /news /news/world /news/live
bbcold | /news/world-europe-68471234 | /news/uk-66000001 | /news/world /news/world/europe /news
cnn | /2024/03/05/politics/river-rises/index.html | /2023/12/31/sport/cup-final/index.html | /politics /2024/03/05/ /sport/index.html /index.html
zeit | /politik/2024-03/fluss-steigt-an | /kultur/2023-12/x-y | /politik/index /politik /kultur
spiegel | /politik/der-fluss-a-6f1c2d3e-4a5b-6c7d-8e9f-0a1b2c3d4e5f | /sport/x-a-11111111-2222-4333-8444-555555555555 | /politik/ /sport/ /thema/fluss/
figaro | /politique/le-fleuve-monte-20240305 | /sport/finale-20231231 | /politique /sport
elpais | /internacional/2024-03-05/el-rio-sube.html | /deportes/2023-12-31/final.html | /internacional/ /deportes/ /noticias/rio/
abcau | /news/2024-03-05/river-rises/103549876 | /news/2023-12-31/x-y-z/103000001 | /news/ /news/world /news/justin
alj | /news/2024/3/5/river-rises | /sports/2023/12/31/cup | /news/ /where/iraq/ /sports/
govuk | /government/news/new-rules-for-boats-from-april | /government/news/minister-visits-the-harbour-town | /government/organisations /search/news-and-communications /government/publications
eu | /commission/presscorner/detail/en/ip_24_1234 | /commission/presscorner/detail/en/ip_23_99 /commission/presscorner/detail/en/speech_24_1001 | /commission/presscorner/home/en /commission/presscorner
un | /en/story/2024/03/1147222 | /en/story/2023/12/1145001 | /en/news/topic/x /en/ /en/story
press | /news/press-release/2024/03/boats | /news/press-release/2023/12/x-y | /news/press-release /news /news/press-release/2024
arxiv | /abs/2403.01234 | /abs/2312.99999 | /list/cs/new /abs
pubmed | /12345678/ | /38000001/ | /advanced/ /trending/
docs | /guide/getting-started | /guide/install /guide/a-b-c | /guide /guide/
sphinx | /en/stable/guide/install.html | /en/stable/guide/usage.html | /en/stable/ /en/stable/index.html
vn-id | /chi-tiet-tin-tuc?id=123 | /chi-tiet-tin-tuc?id=99 | /tin-tuc?page=2 /chi-tiet-tin-tuc /tin-tuc
vn-ct | /tin-tuc/chi-tiet/le-hoi-123 | /tin-tuc/chi-tiet/x-y-9 /su-kien/chi-tiet/a-1001 | /tin-tuc /tin-tuc/danh-sach
vn-ymd | /tin-tuc-su-kien/2024/3/le-hoi-12345.html | /tin-tuc-su-kien/2023/12/x-9887.html | /tin-tuc-su-kien /tin-tuc-su-kien/2024
aspx | /News.ASPX?ID=88 | /news.aspx?id=9 /News.aspx?ID=1001 | /News.ASPX /Default.ASPX
indexphp | /index.php/tin-tuc/bai-viet-hay | /index.php/tin-tuc/cho-que /index.php/tin-tuc/x | /index.php/tin-tuc /index.php/ /index.php
docid | /laws/doc/view.php?docid=778&lang=en | /laws/doc/view.php?docid=9&lang=vi | /laws/doc/list.php?lang=en /laws/
story-num | /story/12345/river | /story/99/x | /story
press-html | /presse/mitteilungen/detail/neue-bruecke.html | /presse/mitteilungen/detail/x.html | /presse/mitteilungen.html /presse/ /presse/mitteilungen/
tags-folder | /tags/slug-of-four-words-here | /tags/another-slug-of-many-words | /tags
news-date-id | /news/20240305/12345.shtml | /news/20231231/999.shtml | /news/ /news/index.shtml
plone-view | /en/press/releases/2024/boats-for-all/view | /en/press/releases/2023/x/view | /en/press/releases/2024 /en/press
slash-id | /news/?id=5 | /news/?id=77 | /news/ /news/?page=2 /?id=5x
uuid-q | /tin?id=3f2a9c1d-1111-4222-8333-444455556666 | /tin?id=9b2a9c1d-1111-4222-8333-444455556666 | /tin /tin?page=3
wr | /bbs/board.php?bo_table=notice&wr_id=123 | /bbs/board.php?bo_table=notice&wr_id=9 | /bbs/board.php?bo_table=notice /bbs/ /bbs/board.php?bo_table=notice&page=2
idxno | /news/articleView.html?idxno=12345 | /news/articleView.html?idxno=99 | /news/articleList.html?sc_section_code=S1N1 /news/articleView.html
jsp | /view_news.jsp?no=12 | /view_news.jsp?no=345 | /list_news.jsp?no=1 /view_news.jsp
egov | /portal/bbs/B0000123/view.do?nttId=456&menuNo=200 | /portal/bbs/B0000123/view.do?nttId=7&menuNo=200 /portal/bbs/B0000777/view.do?menuNo=201&nttId=99 | /portal/bbs/B0000123/list.do?menuNo=200 /portal/main.do
nested-num | /html/1234/5678/abc.html | /html/99/12/x-y.html | /html/ /html/1234/index.html
detail-num | /webpage/detail/123/ | /webpage/detail/9/ /webpage/detail/20011 | /webpage/ /webpage/list/2/ /webpage/detail/
post-num | /post/123456789/title | /post/99999999/x-y | /post /archive
day-slug-html | /2024-03-05-title.html | /2023-12-31-x-y.html | /index.html /2024.html
blog-m | /blog/title.html?m=1 | /blog/other-one.html | /blog/ /blog/index.html
content-num | /content/123 | /content/99 /content/10001 | /content /contents
locale | /en-us/news/harbour-office-opens-new-quay | /en-us/news/a-year-of-new-boats /de-de/news/neuer-kai-fuer-kleine-boote | /en-us/news /en-us/ /en-us/search
artikel-num | /nachrichten/artikel-123.htm | /nachrichten/artikel-9.htm /nachrichten/artikel-10001.htm | /nachrichten/ /nachrichten/index.htm /impressum.htm
mvc | /News/Details/123 | /News/Details/9 /news/details/10001 | /News /News/Index /News/Details
c-a-html | /tin-tuc-c1/bai-viet-a123.html | /su-kien-c2/x-a9999.html | /tin-tuc-c1.html /tin-tuc-c1/
press-pdfish | /press/2024/03/boats-for-all.html?lang=en | /press/2023/11/x.html | /press/ /press/2024/ /press/2024/03/
plus | /wiki/display/DOC/How+to+tie+a+bowline | /wiki/display/DOC/Ropes+and+their+care+at+sea | /wiki/display/DOC /wiki/
numeric-cat | /12/345/ | /12/346/ /9/1001/ | /12/
year-in-title | /news/budget-2024 | /news/ferries /news/new-pier | /news /news/
covid | /health/covid-19-cases-rise-in-the-harbour-town | /health/flu-season-starts-early-this-year /news/school-opens-its-gates-again | /health /news/
17yr | /nyheter/17-aringen-vann-hela-tavlingen | /nyheter/bron-stangs-for-reparation /sport/laget-vann-igen-i-finalen | /nyheter/ /sport
100yr | /news/100-years-of-the-old-harbour-bridge | /news/101-boats-sail-for-the-lake-cup | /news/ /about
percent-html | /tin/B%C3%A0i-vi%E1%BA%BFt-m%E1%BB%9Bi.html | /tin/Ch%E1%BB%A3-qu%C3%AA.html | /tin/ /tin/index.html
at-view | /@@view/item-1 | /@@view/item-22 | /@@search /@@view
tilde | /~ann/notes/rope.html | /~ann/notes/hemp.html | /~ann/ /~ann/notes/ /~ann/notes/index.html
dup-slash | /news//harbour-office-opens-new-quay | /news//a-year-of-new-boats | /news// /news
long-path | /a/b/c/d/e/f/harbour-office-opens-new-quay.html | /a/b/x/ferries-run-again-from-april.html | /a/b/c/ /a/b/c/d/e/f/
id-query-index | /a/b/c/index.php?id=33 | /a/b/c/index.php?id=4 | /a/b/c/index.php /a/b/c/
amp | /news/story-12345/amp | /news/story-12346/amp | /news/
cfm | /news/article.cfm?c_id=1&objectid=10203040 | /news/article.cfm?c_id=2&objectid=10203099 | /news/headlines.cfm?c_id=1 /news/article.cfm
storyid | /story.php?storyid=77&topic=5 | /story.php?topic=9&storyid=8 | /story.php /topic.php?topic=5
action | /news.do?action=view&id=9 | /news.do?action=view&id=10 | /news.do?action=list&id=3 /news.do
newsdetail | /vi-vn/tin-tuc/chi-tiet-tin.aspx?id=1234&cat=5 | /vi-vn/tin-tuc/chi-tiet-tin.aspx?cat=6&id=99 | /vi-vn/tin-tuc.aspx /vi-vn/tin-tuc/chi-tiet-tin.aspx
ld | /ldtbxh/1234/28340/65000/123456/Tin-tuc/Le-hoi.aspx | /ldtbxh/1234/28340/65000/99999/Tin-tuc/X-y.aspx | /ldtbxh/1234/28340/65000/ /ldtbxh/default.aspx
hn-portal | /tin-tuc/-/asset_publisher/abc123XY/content/le-hoi/20181?_101_x=1 | /tin-tuc/-/asset_publisher/abc123XY/content/x-y/9981 | /tin-tuc
lr | /chi-tiet?articleId=12345 | /chi-tiet?articleId=9 | /chi-tiet /danh-sach?cat=2
hash-html | /bai-viet-moi-5f3e2d1c0b9a8f7e6d5c4b3a.html | /x-5f3e2d1c0b9a8f7e6d5c4bff.html | /tin.html
idpost | /post-1234.html | /post-99.html /post-100001.html | /index.html /post.html /posts.html
dots1 | /van.ban/2024.03/cong-van.123.html | /van.ban/2024.04/quyet-dinh.9.html | /van.ban/ /van.ban/2024.03/
dots2 | /v1.2/news/item.one.html | /v1.2/news/item.two.html | /v1.2/news/ /v1.2/ /v1.2/news/index.html
idonly-html | /123456.html | /123999.html /99887.html | /index.html /tin.html
id-slug-html | /news/12345-title-here.html | /news/12399-x.html | /news/ /news/index.html
slug_id | /tin-tuc/bai-viet_12345.html | /tin-tuc/x_9987.html /su-kien/a-b_23456.html | /tin-tuc/ /tin-tuc/page_2.html
dated-id | /2024/03/05/123456/title | /2023/12/31/99887/x | /2024/03/05/ /2024/
ymd-compact | /20240305/title-here | /20231231/x | /20240305/ /20240305
yyyy-mm-dd-folder | /news/2024-03-05/title | /news/2023-12-31/a-b | /news/ /news/2024-03-05/ /news/2024-03-05
raw-vi-slug | /tin/%C4%91i-ch%E1%BB%A3-n%E1%BB%95i-c%C3%A1i-r%C4%83ng | /tin/l%C3%AA-h%E1%BB%99i-%C3%A1o-d%C3%A0i-n%C4%83m-nay | /tin/ /li%C3%AAn-h%E1%BB%87
query-key-late | /view.php?lang=vi&cat=5&id=12 | /view.php?lang=vi&cat=5&id=99 /view.php?cat=2&id=1000 | /view.php?lang=vi&cat=5 /list.php?lang=vi&id=3 /view.php
query-slug | /article.php?slug=cho-noi | /article.php?slug=le-hoi-ao-dai | /article.php /list.php?slug=tin
query-news | /index.php?news=12 | /index.php?news=345 | /index.php /index.php?page=2 /index.php?cat=1
frag | /posts/hello-there#comments | /posts/good-bye /posts/x#top | /posts /posts#top
htm | /tin/2024/bai5.htm | /tin/2023/bai17.htm | /tin/2024/ /tin/ /index.htm
aspx-path | /tin-tuc/Pages/cho-noi.aspx | /tin-tuc/Pages/le-hoi-ao-dai.aspx /su-kien/Pages/abc.aspx | /tin-tuc/Pages/default.aspx /tin-tuc/ /default.aspx
aspx-case | /TinTuc/ChiTiet.aspx?ID=5 | /tintuc/chitiet.aspx?id=77 /TinTuc/ChiTiet.aspx?id=9 | /TinTuc/Default.aspx /TinTuc/ChiTiet.aspx
indexphp2 | /index.php/news/view/123 | /index.php/news/view/9 /index.php/news/view/1001 | /index.php/news /index.php /index.php/news/index/2
indexphp3 | /index.php/2024/03/05/title/ | /index.php/2023/12/31/x/ | /index.php/2024/03/ /index.php/category/x/ /index.php
jsess | /portal/article.jsf;jsessionid=ABC.node1?articleId=7 | /portal/article.jsf?articleId=99 /portal/article.jsf;jsessionid=X?articleId=100 | /portal/list.jsf /portal/article.jsf
shortid | /a/1xYz9Q | /a/9aBc3D /a/Zz81Kq | /a /about
deep | /en/services/culture/events/2024/summer-fair-by-the-river | /en/services/culture/events/2023/choir-in-the-old-town-hall | /en/services/culture/events /en/services /en/services/culture/events/2024
press-releases | /press-releases/pr-2024-017 | /press-releases/pr-2023-101 | /press-releases /press-releases/archive
law | /legal/act/2024/17 | /legal/act/2023/5 /legal/act/2019/123 | /legal/act/2024 /legal/act /legal
doi | /doi/10.1000/abc.12345 | /doi/10.1000/xyz.99887 | /doi /toc/abc/1/2
showbiz | /giai-tri/sao-viet-di-cho-noi-20240305101112345.htm | /the-thao/bong-da-20240304090807654.htm | /giai-tri.htm /giai-tri/ /the-thao.htm
post-id-q | /forum/showthread.php?123-title-of-thread | /forum/showthread.php?99-x | /forum/ /forum/showthread.php /forum/forumdisplay.php?5-y
gnews | /articles/CBMiK2h0dHBzOi8vd3d3 | /articles/CBMiXyZabcd1234efgh | /topics/x /articles
date-dots | /05.03.2024/title-here.html | /31.12.2023/x-y.html | /05.03.2024/ /archiv.html
typo3-html | /aktuelles/nachrichten/details/news/neue-bruecke.html | /aktuelles/nachrichten/details/news/x.html | /aktuelles/nachrichten.html /aktuelles/ /aktuelles/nachrichten/details/
egov-vn | /vi/chi-tiet-tin/chu-tich-tiep-dan-thang-3-2024-1-4567 | /vi/chi-tiet-tin/x-y-1-9999 /vi/chi-tiet-tin/le-hoi-2-5000 | /vi/chi-tiet-tin /vi /vi/tin-tuc
"""


def _case(line: str) -> Case:
    name, sample, articles, others = (part.strip() for part in line.split("|"))
    called, _, language = name.partition(" ")
    return Case(called, language, sample, articles.split(), others.split())


CASES = [_case(line) for line in _TABLE.strip().splitlines()]
