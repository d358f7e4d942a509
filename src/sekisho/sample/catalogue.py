"""The sixty fictional projects of the sample city: what each is, and where its story stands today."""

from dataclasses import dataclass
from typing import Any

_FORMS = {"c": "contract", "a": "agile", "s": "saas", "h": "in_house"}
_DATA = {"n": "none", "p": "personal", "m": "mynumber"}
_ZONES = {"m": "mynumber", "l": "lgwan", "i": "internet"}


@dataclass(frozen=True)
class Plot:
    """One project. ``start`` is in months before today; ``yen`` is the money of an ordinary year.

    ``ending`` is ``phase:state``: the phase the project stands in and the state of that phase's gate (see
    endings.py). ``extras`` name further turns of its story (see story.py).
    """

    code: str
    name: str
    name_en: str
    section: str
    traits: str
    yen: int
    start: int
    ending: str
    summary: str
    purpose: str
    extras: tuple[str, ...] = ()
    mood: int = 4

    @property
    def phase(self) -> str:
        return self.ending.partition(":")[0]

    @property
    def state(self) -> str:
        return self.ending.partition(":")[2]

    @property
    def fields(self) -> dict[str, Any]:
        """The book's fields. ``traits``: audience, personal data, information class, network zone, form."""
        audience, data, level, zone, form = self.traits.split("/")
        return {
            "name": self.name,
            "name_en": self.name_en,
            "summary": self.summary,
            "purpose": self.purpose,
            "for_citizens": "c" in audience,
            "for_businesses": "b" in audience,
            "for_staff": "s" in audience,
            "personal_data": _DATA[data],
            "information_class": int(level),
            "network_zone": _ZONES[zone],
            "development_form": _FORMS[form],
        }


MAN = 10_000
# fmt: off
#: name, English name, section, traits, 万円, months ago, ending, summary, purpose, extras, mood
_ROWS: tuple[tuple[Any, ...], ...] = (
    # 企画
    ("デマンドバス予約サービス", "On-demand bus booking", "urban-roads", "c/p/2/i/s", 4200, 2, "plan:fresh",
     "電話だけだった乗合バスの予約を、スマートフォンと電話の両方で受けます。", "高齢の方の外出の機会を増やし、配車の空きを減らす。"),
    ("公共施設の電子錠共同利用", "Shared electronic locks for public facilities", "civic-community", "cs/n/1/i/s", 1800, 1, "plan:fresh",
     "集会所の鍵を暗証番号に替え、鍵の受取りをなくします。", "利用者と職員の往復を減らし、夜間の利用を広げる。"),
    ("学校給食アレルギー管理", "School lunch allergy records", "children-school", "cs/p/3/l/s", 2600, 4, "plan:half",
     "保護者の届出から献立の確認までを一つの流れにします。", "誤配膳を防ぎ、確認にかかる教職員の時間を減らす。"),
    ("空き家等対策データベース", "Vacant house records", "urban-building", "s/p/2/l/c", 3100, 5, "plan:half",
     "現地調査の写真と所有者への連絡記録を一か所にまとめます。", "危険な空き家への対応を早め、担当者の交代で途切れないようにする。", ("late",), 3),
    ("市民相談AI案内", "Guidance assistant for citizens' questions", "policy-pr", "c/n/1/i/a", 5400, 4, "plan:half",
     "くらしの質問に、市の公開情報だけを根拠に答える案内を試します。", "窓口が閉まっている時間にも手続きの入口にたどり着けるようにする。"),
    ("職員の旅費精算", "Travel expenses of staff", "general-staff", "s/p/2/l/s", 900, 5, "plan:ready",
     "出張の申請から精算までを電子で済ませます。", "紙の回覧と二重入力をなくし、支払いを早める。"),
    ("道路の損傷通報アプリ", "Road damage reports", "urban-roads", "c/p/2/i/s", 1500, 6, "plan:submitted",
     "道路の穴や街灯の不具合を、写真と位置で知らせてもらいます。", "気付きから修繕までの日数を短くし、経過を通報者に返す。"),
    ("介護認定調査のタブレット化", "Tablets for care need assessments", "welfare-elder", "s/p/3/l/c", 6800, 6, "plan:submitted",
     "訪問先での聞き取りを、その場で入力できるようにします。", "認定までの日数を短くし、転記の誤りをなくす。", ("expert",)),
    ("ふるさと応援寄附の管理", "Management of donations", "finance-tax", "cs/p/2/i/s", 3600, 6, "plan:findings",
     "寄附の受付、返礼品、証明書の発行を一つの台帳で管理します。", "問合せへの回答を早め、証明書の送り間違いを防ぐ。", (), 3),
    ("避難所の受付と状況共有", "Shelter reception and situation", "general-safety", "cs/p/3/i/a", 7200, 7, "plan:answered",
     "避難者の受付、人数、必要な物資を本部とすぐに共有します。", "物資と人の配置を実際の人数に合わせる。", ("expert",)),
    ("会議録の自動作成", "Automatic minutes", "general-records", "s/n/2/l/s", 700, 5, "plan:resolved",
     "会議の音声から議事録の下書きを作ります。", "議事録にかかる時間を半分にし、公開を早める。"),
    ("図書館の座席予約", "Library seat booking", "children-school", "c/p/2/i/s", 1200, 7, "plan:go",
     "自習席の空きを見て予約できるようにします。", "開館前の行列をなくし、席の使われ方を知る。"),
    ("動く窓口車両の運行管理", "Mobile counter vehicle", "civic-registry", "cs/m/3/m/c", 5200, 8, "plan:returned",
     "証明書を交付できる車両を山間部へ巡回させます。", "市役所まで遠い地区の方が、月に一度は近くで手続きできるようにする。", (), 3),
    ("メタバース市役所の試行", "City hall in a virtual world", "policy-plan", "c/n/1/i/c", 2400, 11, "plan:stopped",
     "仮想空間での相談窓口を試みる構想でした。", "来庁できない方との新しい接点を探る。", (), 2),
    # 要件定義
    ("保育所等の利用申込み", "Childcare applications", "children-care", "cs/p/3/i/c", 14800, 12, "requirements:half",
     "入所の申込みから選考の結果の通知までを電子でつなぎます。", "保護者の来庁をなくし、選考の作業を二か月から一か月にする。", ("focus", "risky")),
    ("生活困窮者の相談記録", "Records of livelihood support", "welfare-support", "s/p/3/l/c", 4100, 10, "requirements:half",
     "相談の記録と支援計画を、関係する部署が必要な範囲で見られるようにします。", "同じ説明を何度もさせず、支援の抜けを防ぐ。", ("overdue",), 3),
    ("契約事務の電子化", "Electronic contracts", "finance-assets", "bs/n/2/i/s", 5600, 9, "requirements:half",
     "契約書の作成、押印、保管を電子契約に移します。", "事業者の収入印紙と郵送をなくし、締結までの日数を縮める。"),
    ("地域の見守りネットワーク", "Community watch network", "welfare-elder", "cs/p/3/i/a", 3300, 9, "requirements:submitted",
     "協力事業者の気付きを地域包括支援センターへ届けます。", "一人暮らしの高齢の方の異変に早く気付く。", ("expert",)),
    ("都市計画図の公開", "Public city planning map", "urban-building", "cb/n/1/i/s", 2800, 9, "requirements:findings",
     "用途地域などを地図で公開し、証明書の申請につなげます。", "窓口での閲覧の待ち時間をなくす。"),
    ("健診予約と結果のお知らせ", "Health check booking", "welfare-health", "c/p/3/i/s", 8800, 11, "requirements:conditional",
     "健診の予約、問診、結果の確認をスマートフォンで行えます。", "受診率を上げ、結果に応じた保健指導を早く始める。"),
    ("国民健康保険の届出", "National health insurance notices", "civic-insurance", "cs/m/3/m/c", 21500, 13, "requirements:waived",
     "加入と脱退の届出を、来庁せずに済ませられるようにします。", "届出の遅れによるさかのぼり賦課を減らす。", (), 3),
    ("人事評価と目標管理", "Staff appraisal", "general-staff", "s/p/3/l/s", 2200, 8, "requirements:go",
     "目標の設定から面談、評価の記録までを一つにまとめます。", "評価の時期に集中する作業をならし、面談の時間をつくる。"),
    ("補助金の申請と実績報告", "Grant applications", "policy-plan", "bs/n/2/i/a", 6400, 10, "requirements:returned",
     "全庁の補助金の申請、審査、実績報告を共通の仕組みで受けます。", "制度ごとに違う様式をそろえ、事業者の手間を減らす。", (), 2),
    ("学習用端末の管理", "Learning devices", "children-school", "s/p/2/i/s", 9600, 9, "requirements:fresh",
     "児童生徒の端末の貸出し、修理、更新を管理します。", "故障から代替機の手渡しまでを翌日にする。"),
    ("統合型の地図基盤", "Common map platform", "digital-platform", "s/n/2/l/c", 18200, 12, "requirements:answered",
     "部署ごとに持つ地図データを、一つの基盤で重ねて見られるようにします。", "測量と更新の重複をなくし、災害時の判断に使う。", ("cond_done",)),
    # 設計・開発
    ("住民票等のオンライン交付", "Residence certificates online", "civic-registry", "c/m/3/m/c", 38600, 18, "build:half",
     "住民票の写しなどを、本人確認のうえ電子で請求できます。", "証明書の請求の半分を来庁なしにする。", ("focus", "release:half", "slip", "risky"), 3),
    ("市税の口座振替と納付", "City tax payments", "finance-tax", "cb/m/3/m/c", 52800, 20, "build:half",
     "口座振替の申込みと各種の納付を、窓口に来ずに済ませられます。", "期限内の納付率を上げ、収納の手作業を減らす。", ("overdue", "release:half", "slip"), 2),
    ("防災情報の一斉配信", "Emergency broadcast", "general-safety", "c/n/1/i/s", 7400, 14, "build:half",
     "一度の入力で、屋外放送、メール、市の案内に同じ内容を流します。", "発令から住民に届くまでを五分以内にする。", ("focus", "release:submitted")),
    ("ごみ収集車の運行記録", "Waste collection records", "urban-waste", "s/n/2/l/c", 4600, 13, "build:submitted",
     "収集の進み具合を地図で確かめ、問合せにすぐ答えます。", "取り残しの連絡から再収集までを当日中にする。", ("release:go",)),
    ("子育て手続きナビ", "Family procedures guide", "children-family", "c/n/1/i/a", 5100, 15, "build:go",
     "家族の状況に答えると、必要な手続きと持ち物が分かります。", "手続きの漏れをなくし、窓口の説明を短くする。", ("release:published", "expert"), 5),
    ("財務会計の再構築", "New financial accounting", "finance-budget", "s/n/2/l/c", 61000, 22, "build:findings",
     "予算編成から執行、決算までの仕組みを作り直します。", "二十年使った仕組みの保守切れに備え、締めの作業を五日縮める。", ("cond_open", "release:half", "slip", "risky"), 2),
    ("建築確認の電子申請", "Building permits online", "urban-building", "b/p/2/i/s", 3900, 13, "build:answered",
     "建築確認の図面を電子で受け、審査の経過を見られるようにします。", "事業者の来庁を申請一件あたり二回減らす。", ("release:half",)),
    ("介護保険の事業者情報", "Care providers", "welfare-elder", "cb/n/1/i/s", 2300, 12, "build:resolved",
     "事業所の空きやサービスの内容を探せるようにします。", "家族と相談員が電話で空きを探す手間をなくす。", ("release:submitted",)),
    ("職員の認証基盤の更新", "Staff sign-in platform", "digital-platform", "s/p/3/l/c", 27400, 16, "build:conditional",
     "職員の本人確認を、指紋などを使う二つの要素に切り替えます。", "なりすましを防ぎ、パスワードの再発行をなくす。", ("release:published",)),
    ("窓口の待ち時間案内", "Waiting time at counters", "civic-registry", "c/n/1/i/h", 600, 11, "build:lapsed",
     "窓口の混み具合を市の案内に表示します。", "空いている時間への来庁を促し、待ち時間をならす。", ("release:go",)),
    ("庁内の問合せ対応支援", "Helpdesk for staff", "digital-network", "s/n/2/l/a", 1900, 12, "build:ready",
     "よくある質問に庁内の文書から答え、残りを担当へつなぎます。", "情報部門への電話を三割減らす。", ("skip_requirements", "release:half")),
    ("学校と家庭の連絡", "School and home messages", "children-school", "c/p/2/i/s", 4800, 14, "build:waived",
     "欠席の連絡、お便り、面談の予約を保護者のスマートフォンで行います。", "朝の電話をなくし、教職員が子どもに向き合う時間をつくる。", ("release:published",)),
    ("議会の資料共有", "Papers for the assembly", "general-records", "s/n/2/i/s", 1100, 10, "build:fresh",
     "議案と資料を端末で読めるようにし、差替えもすぐ届けます。", "紙の印刷と配布をなくす。", ("skip_requirements",)),
    ("道路台帳の電子化", "Road ledger", "urban-roads", "bs/n/2/l/c", 8300, 19, "build:stopped",
     "紙の道路台帳を電子化し、占用の申請とつなぐ計画でした。", "窓口での照会と測量成果の重複をなくす。", ("slip",), 2),
    # 運用
    ("市公式ウェブサイト", "City website", "policy-pr", "cb/n/1/i/s", 4400, 24, "operate:half",
     "市の情報を、だれにも読みやすい形で届けます。", "知りたいことに三回の操作以内でたどり着けるようにする。", ("release:published", "release2:half"), 5),
    ("施設予約", "Facility booking", "civic-community", "cb/p/2/i/s", 3700, 24, "operate:half",
     "体育館や会議室の抽選、予約、支払いをまとめて行えます。", "窓口の行列をなくし、空きの利用を増やす。", ("release:published", "release2:go")),
    ("電子申請の共通窓口", "Online applications", "digital-design", "cb/p/3/i/s", 16200, 24, "operate:half",
     "各課の申請を、同じ操作で受け付ける共通の窓口です。", "手続きの七割をオンラインで終えられるようにする。", ("focus", "release:published", "emergency"), 4),
    ("住民記録", "Resident records", "civic-registry", "s/m/3/m/c", 84000, 24, "operate:half",
     "住民の異動を記録し、各課の業務へ正しい情報を渡します。", "標準の仕様に合わせ、連携の手直しをなくす。", ("legacy", "release:published", "emergency_done", "risky")),
    ("庁内文書管理", "Records management", "general-records", "s/n/2/l/c", 9800, 24, "operate:submitted",
     "起案から保存、廃棄までを電子で管理します。", "文書の所在をすぐに答えられるようにする。", ("legacy", "release:published")),
    ("チャットでの問合せ案内", "Chat guidance", "policy-pr", "c/n/1/i/s", 1300, 22, "operate:findings",
     "ごみの出し方など、よくある質問に二十四時間答えます。", "電話の問合せを減らし、夜間の不便をなくす。", ("release:published",), 3),
    ("職員ポータル", "Staff portal", "digital-platform", "s/n/2/l/s", 3200, 24, "operate:go",
     "予定、掲示、申請の入口を一つにまとめています。", "職員が情報を探す時間を減らす。", ("legacy", "release:published")),
    ("母子健康手帳アプリ", "Maternal and child health app", "welfare-health", "c/p/3/i/s", 2900, 23, "operate:half",
     "予防接種の予定と成長の記録を、家族で見られます。", "接種の漏れを防ぎ、相談のきっかけをつくる。", ("release:published", "release2:submitted", "expert"), 5),
    ("選挙事務の支援", "Election support", "general-records", "s/p/3/l/c", 5900, 24, "operate:half",
     "投票所の受付と期日前投票の名簿を管理します。", "二重投票を防ぎ、受付の待ち時間を縮める。", ("legacy", "stale"), 3),
    ("河川の水位監視", "River level monitoring", "urban-roads", "cs/n/1/i/c", 6600, 24, "operate:conditional",
     "市内十二か所の水位を五分ごとに公開します。", "避難の判断を早め、見回りの危険を減らす。", ("release:published",)),
    ("保健師の訪問記録", "Records of home visits", "welfare-health", "s/p/3/l/s", 1700, 21, "operate:overdue",
     "訪問先でその場で記録し、次の支援につなげます。", "記録のための帰庁をなくし、訪問を増やす。", ("release:published", "overdue"), 2),
    ("入札情報の公開", "Public tenders", "finance-assets", "b/n/1/i/s", 1400, 24, "operate:answered",
     "入札の公告、質問への回答、結果を公開します。", "だれでも同じ情報で参加できるようにする。", ("legacy",)),
    ("児童手当の管理", "Child allowance", "children-family", "s/m/3/m/c", 12600, 24, "operate:ready",
     "受給者の認定、現況の確認、支払いを管理します。", "支払いの誤りをなくし、届出を減らす。", ("legacy", "release:published")),
    ("庁内ネットワーク", "City network", "digital-network", "s/n/3/l/c", 47000, 24, "operate:fresh",
     "本庁と出先をつなぐ通信の基盤です。", "止まらない通信と、場所を選ばない働き方を支える。", ("legacy", "release:published")),
    # 廃止
    ("旧グループウェア", "Former groupware", "digital-platform", "s/n/2/l/c", 2100, 24, "retire:half",
     "職員ポータルに役目を譲った、前の仕組みです。", "残るデータを移し、機器と契約を確実に終わらせる。", ("legacy", "unproved")),
    ("旧税証明発行端末", "Former tax certificate terminals", "finance-tax", "s/m/3/m/c", 1600, 24, "retire:half",
     "市内三か所に置いた証明書の発行端末です。", "個人番号を含む媒体を物理的に壊し、証明を残す。", ("legacy", "skip_operate", "unproved"), 3),
    ("紙図面スキャン保管", "Scanned drawings", "urban-building", "s/n/2/l/h", 500, 20, "retire:submitted",
     "紙の図面を画像で保管していた、手作りの仕組みです。", "必要な図面を地図基盤へ移し、残りを消去する。", ("legacy", "skip_operate", "proved")),
    ("旧図書館予約", "Former library booking", "children-school", "c/p/2/i/c", 1900, 24, "retire:go",
     "新しい予約の仕組みに移り、公開を終えました。", "利用者の情報を確実に消し、契約を終える。", ("legacy", "nearly")),
    ("臨時給付金の受付", "Special benefit reception", "welfare-support", "cs/m/3/i/s", 7800, 24, "retire:retired",
     "臨時の給付金の申請を受け付けた、期間限りの仕組みです。", "申請の情報を、保存の期限の後に確実に消す。", ("proved",)),
    ("ワクチン接種予約", "Vaccination booking", "welfare-health", "c/p/3/i/s", 9200, 24, "retire:retired",
     "集団接種の予約を受け付けた仕組みです。", "接種の終了に合わせ、予約の情報を消去する。", ("legacy", "skip_operate", "proved")),
    ("旧防災メール", "Former emergency mail", "general-safety", "c/p/2/i/s", 800, 24, "retire:retired",
     "一斉配信に役目を譲った、登録制のメール配信です。", "登録者の情報を移したうえで消去する。", ("legacy", "proved")),
)
# fmt: on


def _plot(number: int, row: tuple[Any, ...]) -> Plot:
    name, name_en, section, traits, man, start, ending, summary, purpose, *rest = row
    return Plot(
        f"SK-{number:03d}", name, name_en, section, traits, man * MAN, start, ending, summary, purpose, *rest
    )


PLOTS = tuple(_plot(number, row) for number, row in enumerate(_ROWS, start=1))
