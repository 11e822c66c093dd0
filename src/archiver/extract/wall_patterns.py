"""Words and marks by which walls are recognised: challenges, maintenance pages, error messages, logins.

No pattern decides alone: `walls` asks for little text, few links and further signs as well.
"""

import re

CHALLENGE_MARKS = (
    "/.within.website/",  # Anubis
    "anubis_challenge",
    "git/go-away",
    "/.cerberus/",
    "cerberus_challenge",
    "/.safeline/",
    "/.basedflare/",
    "/.bunny-shield/",
    "/.well-known/sgcaptcha/",
    "/.well-known/vercel/security/",
    "/.well-known/ddos-guard/",
    "check.ddos-guard.net",
    "_cf_chl_opt",
    "cf-browser-verification",
    "/cdn-cgi/challenge-platform/h/b/orchestrate",
    "/cdn-cgi/challenge-platform/h/g/orchestrate",
    "sucuri_cloudproxy_js",
    "px-captcha",
    "captcha-delivery.com",
    "awsWafCaptcha",
    "AwsWafIntegration.",
    "gokuProps",
    "sec-if-cpt-container",
    "/_sec/cp_challenge",
    "bm-verify=",
    "distil_r_captcha",
    "acw_sc__v2",
    "validate.perfdrive.com",
    "arkoselabs.com",
)
"""Texts in the source of a page that only challenges have."""

SENSOR_MARKS = ("/cdn-cgi/challenge-platform/", "_Incapsula_Resource", "/TSPD/", "__qrator", "KPSDK", "ddos-guard")
"""Texts in the source of challenges, and of ordinary pages whose visitors are measured."""

WIDGETS = (
    "cf-turnstile", "g-recaptcha", "h-captcha", "frc-captcha", "altcha-widget", "mcaptcha__", "cap-widget", "geetest_",
)  # fmt: skip
"""Captchas, which login boxes and comment forms have as well."""

CHALLENGE_WORDS = re.compile(
    r"just a moment|attention required|one moment|pardon our interruption|request unsuccessful|"
    r"\b(?:not|are you) an? (?:ro)?bot\b|(?:you are|you're|are you|if you are|being) (?:a )?human|"
    r"prove (?:that )?you|"
    r"human (?:check|verification)|(?:security|bot|browser|connection) (?:check|verification|challenge|protection)|"
    r"(?:checking|verifying|validating|testing) (?:if |that )?(?:your|the|you) |"
    r"verification required|ddos[- ]protection|ddos-guard|"
    r"unusual (?:traffic|activity)|you have been blocked|access (?:to .{1,40})?(?:is |was |has been )?denied|captcha|"
    r"permission to access|reference #\w|"
    r"proof[- ]of[- ]work|(?:enable|turn on|requires?) (?:javascript|cookies)|javascript (?:is )?(?:required|"
    r"disabled)|"
    r"xác (?:minh|nhận|thực) .{0,30}(?:người|robot|trình duyệt|truy cập)|(?:phải|là) (?:ro)?bot|"
    r"kiểm tra (?:bảo mật|trình duyệt)|"
    r"vérification (?:de sécurité|du navigateur|que vous)|êtes-vous (?:un )?(?:humain|robot)|un instant|"
    r"(?:sicherheits|browser)\w*prüfung|(?:ein mensch|ein roboter|kein roboter)|einen moment|"
    r"(?:verificación|comprobación|comprobando|verificando) .{0,30}(?:seguridad|human|navegador)|soy un robot|"
    r"verifica\w+ .{0,20}(?:segurança|humano|navegador)|"
    r"провер\w+ (?:браузер|безопасност|что вы)|вы не робот|安全验证|人机验证|验证码|正在检查|ロボット|"
    r"セキュリティ|보안 (?:확인|검사)",
    re.IGNORECASE,
)
MAINTENANCE_WORDS = re.compile(
    r"\bmaintenance(?: mode| page| work| in progress| break)?\W*\Z|(?:under|undergoing|down for|"
    r"for) (?:\w+ ){0,2}maintenance|"
    r"\b(?:be|we're|are) (?:right )?back\b|(?:temporarily|currently|briefly) (?:un\w+|offline|down|closed|out of)|"
    r"(?:service|site|website|server|page|system) (?:is )?(?:un\w*available|offline|down)\b|out of service|"
    r"(?:đang (?:được )?)?bảo trì|đang (?:được )?nâng cấp|tạm (?:ngưng|ngừng|dừng)|wartung|en maintenance|"
    r"mantenimiento|manutenção|manutenzione|"
    r"onderhoud|konserwac|przerwa techniczna|техническ\w+ (?:работ|обслуж)|维护|維護|メンテナンス|점검",
    re.IGNORECASE,
)
APOLOGY = re.compile(
    r"\b(?:back|again|later|soon|shortly|moments?|minutes|hours?|sorry|apolog\w+|inconvenience|patience|"
    r"temporar\w+)\b|"
    r"xin lỗi|quay lại|trở lại|thử lại|mong .{0,20}thông cảm|später|bald|entschuldig|plus tard|bientôt|revenez|"
    r"réessay|"
    r"más tarde|pronto|vuelva|disculp|mais tarde|volte|em breve|desculp|più tardi|presto|scus|позже|скоро|извин|"
    r"稍后|抱歉|しばらく|申し訳|잠시",
    re.IGNORECASE,
)
"""What a maintenance page asks of its visitors."""

ERROR_WORDS = re.compile(
    r"error establishing a database connection|too many connections|"
    r"(?:can(?:'|’)?t|could not|cannot|unable to|failed to) connect to (?:the |local |any )?(?:\w+ )?(?:mysql|"
    r"database|db|server)\b|"
    r"\b(?:warning|fatal error|parse error|notice|deprecated)\b: .{0,400}? on line \d|sqlstate\[|ora-\d{5}|"
    r"\b(?:mysqli?|pg|oci|mssql|sqlsrv)_(?:p?connect|query)\b|pdoexception|ole db provider|odbc .{0,20}driver|"
    r"server error in '|traceback \(most recent call last\)|uncaught (?:exception|error|typeerror)|"
    r"website encountered an unexpected error|critical error on this website",
    re.IGNORECASE,
)
"""What only programs write."""
FAILURE_WORDS = re.compile(
    r"database (?:connection )?error|something went wrong|application error|internal server error|runtime error|"
    r"unhandled exception|service (?:temporarily )?unavailable|bad gateway|gateway time-?out|server error|"
    r"error occurred while processing|\berror 5\d\d\b|\b50[0234]\b",
    re.IGNORECASE,
)
"""Titles and beginnings of error messages."""

SCRIPTED_PROOF = re.compile(
    r"crypto\.subtle|sha-?256|proof[-_ ]?of[-_ ]?work|\bpow[-_]?(?:challenge|solver|worker)|hashcash|difficulty|"
    r"challenge",
    re.IGNORECASE,
)
"""What scripts do that prove something about the browser; they then load the page again."""
SETS_COOKIE = re.compile(r"document\.cookie\s*=|\bcookieStore\.set")
LOADS_AGAIN = re.compile(r"\blocation(?:\.href)?\s*=|location\.(?:reload|replace|assign)\(|\.submit\(\)")

LOGIN_WORDS = re.compile(
    r"(?:please |you (?:must|need to) )?(?:log|sign)[ -]?(?:in|on)\b|login\b|log in\b|member login|authentication\b|"
    r"đăng nhập|connexion|se connecter|identifi(?:ez|cation)|anmeld(?:en|ung)|einloggen|iniciar sesión|acceder|"
    r"inicio de sesión|"
    r"entrar|iniciar sessão|accedi|inloggen|logowanie|zaloguj|вход|войти|авторизац|登录|登入|ログイン|로그인|"
    r"تسجيل الدخول",
    re.IGNORECASE,
)
"""A part of the title of a login page begins with these."""
LOGIN_PATH = re.compile(
    r"/(?:[\w-]*[_-])?(?:log-?in|log-?on|sign-?in|dang-?nhap|connexion|anmelden|acceder)(?:[_-]?(?:form|"
    r"page))?(?:\.\w{2,5})?(?:[/;]|$)|"
    r"/oauth2?/(?:v\d[\w.]*/)?authori[sz]e|/saml2?/|/adfs/ls|/openid-connect/auth|/authenticate\.aspx|/\.auth/|"
    r"/sso(?:/|$)",
    re.IGNORECASE,
)
LOGIN_HOST = re.compile(r"\A(?:accounts?|login|signin|sso|auth|idp|cas|id)\.", re.IGNORECASE)
