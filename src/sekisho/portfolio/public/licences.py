"""The licences under which an office can publish. Pure."""

from dataclasses import dataclass

from sekisho.standards.pack import Text


@dataclass(frozen=True)
class Licence:
    """``code`` is the setting, ``address`` leads to its text."""

    code: str
    title: Text
    address: str


LICENCES = {
    one.code: one
    for one in (
        Licence(
            "CC-BY-4.0",
            Text("クリエイティブ・コモンズ 表示 4.0 国際", "Creative Commons Attribution 4.0 International"),
            "https://creativecommons.org/licenses/by/4.0/",
        ),
        Licence(
            "CC0-1.0",
            Text("クリエイティブ・コモンズ CC0 1.0 全世界", "Creative Commons CC0 1.0 Universal"),
            "https://creativecommons.org/publicdomain/zero/1.0/",
        ),
        Licence(
            "PDL-1.0",
            Text("公共データ利用規約(第1.0版)", "Public Data License (Version 1.0)"),
            "https://www.digital.go.jp/resources/open_data/public_data_license_v1.0",
        ),
    )
}
