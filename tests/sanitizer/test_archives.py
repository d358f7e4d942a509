"""Archives: members go their own way; names, passwords, limits."""

import bz2
import gzip
import io
import lzma
import stat
import struct
import tarfile
import tempfile
import zipfile
import zlib
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path

import py7zr
import pytest
import pyzipper

from sekisho.sanitizer import Policy, sanitize
from sekisho.sanitizer.formats import zipcrypto
from sekisho.sanitizer.formats.lzh import crc16
from sekisho.sanitizer.verify import find_complaint

from .encrypting import zipcrypto_zip
from .passing import clean, codes, names_in, zipped


def seven_zip(password: str | None = None, *, header: bool = False, **members: bytes) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w", password=password, header_encryption=header) as package:
        for name, content in members.items():
            package.writestr(content, name.replace("__", "."))
    return out.getvalue()


def aes_zip(password: bytes) -> bytes:
    out = io.BytesIO()
    with pyzipper.AESZipFile(out, "w", compression=8, encryption=pyzipper.WZ_AES) as package:
        package.setpassword(password)
        package.writestr("a.txt", "words")
    return out.getvalue()


def tar(*members: tarfile.TarInfo, mode: str = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as package:  # type: ignore[call-overload]
        for info in members:
            info.size = 5 if info.isreg() else 0
            package.addfile(info, io.BytesIO(b"words") if info.isreg() else None)
    return out.getvalue()


def lzh(name: bytes, content: bytes, *, method: bytes = b"-lh0-", body: bytes | None = None) -> bytes:
    """A level 0 archive of one file."""
    packed = content if body is None else body
    rest = method + struct.pack("<III", len(packed), len(content), 0) + b"\x20\x00"
    rest += bytes([len(name)]) + name + struct.pack("<H", crc16(content))
    return bytes([len(rest), sum(rest) & 0xFF]) + rest + packed + b"\x00"


def lzh_member(folder: bytes, name: bytes, *, method: bytes = b"-lhd-", content: bytes = b"") -> bytes:
    """One of a level 2 archive, as today's programs pack it."""
    extended = b"".join(
        struct.pack("<HB", len(said) + 3, kind) + said for kind, said in ((2, folder), (1, name)) if said
    )
    rest = method + struct.pack("<IIIBBHB", len(content), len(content), 0, 32, 2, crc16(content), ord("M"))
    rest += extended + b"\0\0"
    return struct.pack("<H", len(rest) + 2) + rest + content


def bits(text: str) -> bytes:
    text = text.replace(" ", "")
    text += "0" * (-len(text) % 8)
    return int(text, 2).to_bytes(len(text) // 8, "big")


# One block of three codes, spelled out bit by bit: "a", "b", then a match of length 6 (symbol 259) that begins two
# bytes back. Literals have codes of two bits, the match one of a single bit.
LH5 = bits(
    "0000000000000011"
    # how code lengths are coded: 2 (a long run of zeros) in one bit, 3 (length 1) and 4 (length 2) in two
    "00101 000 000 001 00 010 010"
    # 260 code lengths: 97 zeros (20 + 77), 2 for a, 2 for b, 160 zeros (20 + 140), 1
    "100000100"
    "0 001001101 11 11 0 010001100 10"
    # distances: one symbol, 1
    "0000 0001"
    # a, b, match
    "10 11 0"
)  # fmt: skip


def test_it_sends_each_member_its_own_way_and_drops_what_is_refused() -> None:
    output, result = clean(zipped(a__csv="名,=1+1\n", b__exe=b"MZ"), "資料.zip")
    assert names_in(output) == ["a.csv"]
    assert b"'=1+1" in zipfile.ZipFile(io.BytesIO(output)).read("a.csv")
    assert codes(result) == {"archive.member_refused"}
    assert [member.refusal for member in result.report.members] == ["", "type.dangerous"]


def test_it_refuses_the_whole_when_the_policy_says_so() -> None:
    data = zipped(a__txt="words", b__exe=b"MZ")
    assert sanitize(data, "inbound-strict", name="a.zip").report.refusal == "archive.member_refused"
    assert sanitize(zipped(b__exe=b"MZ"), name="a.zip").report.refusal == "archive.nothing_left"


def _tarred(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w:gz") as package:
        entry = tarfile.TarInfo(name)
        entry.size = len(data)
        package.addfile(entry, io.BytesIO(data))
    return out.getvalue()


def _in_seven_zip(name: str, data: bytes) -> bytes:
    out = io.BytesIO()
    with py7zr.SevenZipFile(out, "w") as package:
        package.writestr(data, name)
    return out.getvalue()


def _mailed(name: str, data: bytes) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = "a@example.jp", "b@example.jp", "資料"
    mail.set_content("本文")
    mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()


@pytest.mark.parametrize("policy", ["inbound", "inbound-strict"])
@pytest.mark.parametrize(
    ("extension", "wrap"),
    [
        ("zip", lambda name, data: zipped(**{name.replace(".", "__"): data})),
        ("tar.gz", _tarred),
        ("7z", _in_seven_zip),
    ],
)
def test_nesting_beyond_the_limit_is_called_that(
    extension: str, wrap: Callable[[str, bytes], bytes], policy: str
) -> None:
    name, data = "a.txt", b"words"
    for _ in range(8):
        name, data = f"a.{extension}", wrap(name, data)
    report = sanitize(data, policy, name=name).report
    assert (report.refusal, report.refusal_params) == ("limit.depth", {"limit": 5})


def test_a_mail_says_that_an_attachment_is_nested_too_deep() -> None:
    data = _mailed("a.txt", b"words")
    for _ in range(3):
        data = _mailed("a.zip", zipped(a__eml=data))
    _output, result = clean(data, "a.eml")
    said, report = set(), result.report
    while True:
        said |= {removal.detail for removal in report.removed}
        if not report.members:
            break
        report = report.members[0]
    assert "limit.depth" in said
    assert "archive.nothing_left" not in said


def test_it_reads_names_in_the_encodings_of_windows_and_macs() -> None:
    for encoding in ("cp932", "utf-8"):
        stored = "①表.txt".encode(encoding)
        data = zipped(**{"x" * len(stored): "words"}).replace(b"x" * len(stored), stored)
        output, _result = clean(data, "a.zip")
        assert names_in(output) == ["①表.txt"]


@pytest.mark.parametrize(
    "path", ["../../evil.txt", "/etc/evil.txt", "..\\evil.txt", "C:\\evil.txt", "a/../evil.txt"]
)
def test_nothing_climbs_out(path: str) -> None:
    output, result = clean(zipped(**{path.replace(".txt", "__txt"): "words"}), "a.zip")
    assert all(".." not in name and not name.startswith("/") for name in names_in(output))
    assert "archive.unsafe_path" in codes(result)


def test_names_that_differ_in_case_do_not_overwrite_one_another() -> None:
    output, _result = clean(zipped(a__txt="1", A__TXT="2"), "a.zip")
    assert len({name.casefold() for name in names_in(output)}) == 2


def test_what_is_renamed_leaves_the_names_of_others_alone() -> None:
    made, _result = clean(zipped(**{"内/d__bin": b"renamed", "内/d__txt": b"kept"}), "a.zip")
    package = zipfile.ZipFile(io.BytesIO(made))
    assert {name: package.read(name) for name in package.namelist()} == {
        "内/d (2).txt": b"renamed", "内/d.txt": b"kept",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("policy", "told", "kept"),
    [
        ("inbound", (2026, 11, 30, 9, 5, 58), (2026, 11, 30, 9, 5, 58)),
        ("inbound", (2026, 2, 31, 0, 0, 0), (1980, 1, 1, 0, 0, 0)),
        ("outbound", (2026, 11, 30, 9, 5, 58), (1980, 1, 1, 0, 0, 0)),
    ],
)
def test_files_keep_the_time_of_their_last_change_where_the_policy_lets_them(policy, told, kept) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(zipfile.ZipInfo("a.txt", told), "words")
    made = sanitize(out.getvalue(), Policy.named(policy), name="a.zip").output
    assert zipfile.ZipFile(io.BytesIO(made or b"")).infolist()[0].date_time == kept


@pytest.mark.parametrize(
    ("data", "name"),
    [
        (seven_zip("ひみつ", a__txt=b"words"), "a.7z"),
        (seven_zip("ひみつ", header=True, a__txt=b"words"), "a.7z"),
        (aes_zip("ひみつ".encode("cp932")), "a.zip"),
    ],
)
def test_it_opens_with_the_password_only(data: bytes, name: str) -> None:
    output, _result = clean(data, name, password="ひみつ")
    assert zipfile.ZipFile(io.BytesIO(output)).read("a.txt") == b"words"
    assert sanitize(data, name=name).report.refusal == "input.encrypted"
    assert sanitize(data, name=name, password="違う").report.refusal == "input.wrong_password"


def test_a_damaged_archive_under_a_password_is_called_damaged() -> None:
    sound = aes_zip("ひみつ".encode())
    renamed, end = sound.replace(b"a.txt", b"b.txt", 1), sound.find(b"PK\x01\x02")
    changed = sound[: end - 12] + bytes([sound[end - 12] ^ 1]) + sound[end - 11 :]
    for data in (renamed, changed):
        assert sanitize(data, name="a.zip", password="ひみつ").report.refusal == "input.broken"


def test_it_reads_tar_gz_without_links_and_devices() -> None:
    link, device = tarfile.TarInfo("link"), tarfile.TarInfo("device")
    link.type, link.linkname, device.type = tarfile.SYMTYPE, "/etc/passwd", tarfile.CHRTYPE
    for data, name in ((tar(tarfile.TarInfo("表/a.txt"), link, device), "a.tar"),
                       (tar(tarfile.TarInfo("表/a.txt"), link, device, mode="w:gz"), "a.tar.gz")):  # fmt: skip
        output, result = clean(data, name)
        assert names_in(output) == ["表/a.txt"]
        assert "archive.special" in codes(result)
    output, _result = clean(gzip.compress(b"words"), "a.txt.gz")
    assert names_in(output) == ["a.txt"]


def _of_kind(kind: int, words: bytes, name: str = "-") -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        member = zipfile.ZipInfo(name)
        member.external_attr = (kind | 0o600) << 16
        package.writestr(member, words)
    return out.getvalue()


def _with_folders(kind: str) -> bytes:
    """``a/b/`` and ``空/`` with nothing in them, ``c/`` with a file."""
    out, folders, words = io.BytesIO(), ("a/", "a/b/", "c/", "c/", "空/"), b"words"
    if kind == "zip":
        with zipfile.ZipFile(out, "w") as package:
            for folder in folders:
                package.writestr(folder, b"")
            package.writestr("c/a.txt", words)
            package.writestr("c.txt", words)
    elif kind == "7z":
        with tempfile.TemporaryDirectory() as place, py7zr.SevenZipFile(out, "w") as package:
            for folder in ("a/b", "c", "空"):
                (Path(place) / folder).mkdir(parents=True)
            (Path(place) / "c/a.txt").write_bytes(words)
            for top in "ac空":
                package.writeall(Path(place) / top, top)
    else:
        with tarfile.open(fileobj=out, mode="w") as package:
            for folder in folders:
                info = tarfile.TarInfo(folder)
                info.type = tarfile.DIRTYPE
                package.addfile(info)
            info = tarfile.TarInfo("c/a.txt")
            info.size = len(words)
            package.addfile(info, io.BytesIO(words))
    return out.getvalue()


@pytest.mark.filterwarnings("ignore:Duplicate name")
@pytest.mark.parametrize("kind", ["zip", "7z", "tar"])
def test_the_report_names_folders_that_nothing_is_in(kind: str) -> None:
    output, result = clean(_with_folders(kind), f"a.{kind}")
    assert "c/a.txt" in names_in(output)
    told = [
        (one.code, one.action, one.where["member"]) for one in result.report.removed if "member" in one.where
    ]
    assert told == [("archive.empty_folder", "lost", "a/b/"), ("archive.empty_folder", "lost", "空/")]


@pytest.mark.parametrize("old", [True, False])
def test_folders_of_lzh_are_told_as_those_of_other_archives(old: bool) -> None:
    empty, full = "空".encode("cp932"), "表".encode("cp932")  # 表 ends with the byte of a backslash
    if old:
        folders = b"".join(lzh(folder + b"\\", b"", method=b"-lhd-")[:-1] for folder in (empty, full))
        data = folders + lzh(full + b"\\a.txt", b"words")
    else:
        folders = (
            lzh_member(empty + b"\xff", b"")
            + lzh_member(full + b"\xff", b"")
            + lzh_member(b"", b"name|/etc/passwd")
        )
        data = folders + lzh_member(full + b"\xff", b"a.txt", method=b"-lh0-", content=b"words") + b"\0"
    output, result = clean(data, "a.lzh")
    assert names_in(output) == ["表/a.txt"]
    told = {(one.code, one.where["member"]) for one in result.report.removed if "member" in one.where}
    assert told == {("archive.empty_folder", "空/")} | (
        set() if old else {("archive.special", "name|/etc/passwd")}
    )


def test_a_header_of_lzh_that_leads_to_itself_is_refused() -> None:
    head = b"-lhd-" + struct.pack("<IIIBBHBI", 0, 0, 0, 32, 3, 0, ord("M"), 0) + b"\0\0\0\0"
    data = lzh(b"a.txt", b"words")[:-1] + b"\4\0" + head
    assert sanitize(data, name="a.lzh").report.refusal == "input.broken"


def test_what_was_piped_into_a_zip_is_a_file() -> None:
    output, result = clean(_of_kind(stat.S_IFIFO, b"words"), "a.zip")
    assert zipfile.ZipFile(io.BytesIO(output)).read("-.txt") == b"words"
    assert "archive.special" not in codes(result)
    other = sanitize(_of_kind(stat.S_IFIFO, b"words", "a.txt"), name="a.zip")
    assert other.report.refusal == "archive.nothing_left"


@pytest.mark.parametrize(
    ("kind", "words"), [(stat.S_IFLNK, b"/etc/passwd"), (stat.S_IFIFO, b""), (stat.S_IFCHR, b"x")]
)
def test_a_zip_of_links_and_devices_alone_holds_nothing(kind: int, words: bytes) -> None:
    assert sanitize(_of_kind(kind, words), name="a.zip").report.refusal == "archive.nothing_left"


@pytest.mark.parametrize("encoding", ["cp932", "utf-8"])
@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("method", [0, 8])
def test_it_opens_the_old_password_scheme(encoding: str, streamed: bool, method: int) -> None:
    words = "言葉 words\n".encode() * 3000
    data = zipcrypto_zip("ひみつ".encode(encoding), {"a.txt": words}, method=method, streamed=streamed)
    output, _result = clean(data, "a.zip", password="ひみつ")
    assert zipfile.ZipFile(io.BytesIO(output)).read("a.txt") == words
    assert sanitize(data, name="a.zip", password="違う").report.refusal == "input.wrong_password"
    assert sanitize(data, name="a.zip").report.refusal == "input.encrypted"


def test_a_bomb_under_the_old_password_scheme_stops_at_the_limit() -> None:
    data = zipcrypto_zip(b"secret", {"a.txt": b" " * 30_000_000})
    assert sanitize(data, name="a.zip", password="secret").report.refusal == "limit.ratio"


def test_compiled_code_decrypts_the_old_password_scheme() -> None:
    pytest.importorskip("_zipdecrypter")
    data = zipcrypto_zip(b"secret", {"a.txt": b"words"})
    assert zipcrypto.can_read(zipfile.ZipFile(io.BytesIO(data)).infolist()[0])


@pytest.mark.parametrize(
    ("data", "content"),
    [
        (lzh("表.txt".encode("cp932"), b"words"), b"words"),
        (lzh("表.txt".encode("cp932"), b"abababab", method=b"-lh5-", body=LH5), b"abababab"),
    ],
    ids=["stored", "lh5"],
)
def test_it_reads_lzh(data: bytes, content: bytes) -> None:
    output, _result = clean(data, "a.lzh")
    assert zipfile.ZipFile(io.BytesIO(output)).read("表.txt") == content


def test_archives_nest_as_deep_as_the_policy_allows() -> None:
    data = zipped(a__txt="words")
    for _level in range(3):
        data = zipped(inner__zip=data)
    assert clean(data, "a.zip")[1].report.members[0].members
    for _level in range(4):
        data = zipped(inner__zip=data)
    assert sanitize(data, "inbound-strict", name="a.zip").status == "refused"


@pytest.mark.parametrize(
    ("limits", "code"),
    [
        ({"files": 2}, "limit.files"),
        ({"total_bytes": 10, "ratio": 9_999}, "limit.total_bytes"),
        ({"ratio": 10}, "limit.ratio"),
    ],
)
def test_bombs_are_refused(limits: dict[str, int], code: str) -> None:
    policy = Policy.from_dict(
        {"name": "s", "methods": {"archive": "rebuilt", "text": "text"}, "limits": limits}
    )
    data = zipped(a__txt=b"a" * 2_000_000, b__txt="b", c__txt="c")
    assert sanitize(data, policy, name="a.zip").report.refusal == code


@pytest.mark.parametrize(
    ("limits", "code"), [({}, "limit.ratio"), ({"total_bytes": 50 << 20}, "limit.total_bytes")]
)
@pytest.mark.parametrize("extension", ["zip", "lzh"])
def test_a_bomb_of_many_small_files_is_refused_before_any_is_looked_at(
    extension: str, limits: dict[str, int], code: str
) -> None:
    policy = Policy.from_dict(Policy.named("inbound").as_dict() | {"limits": limits})
    size = 1_000_000  # of each: alone, none is large enough to be one
    if extension == "zip":
        data = zipped(**{f"{number}__txt": b"a" * size for number in range(60)})
    else:
        member = lzh(b"a.txt", b"", method=b"-lh5-", body=bytes(40))[:-1]
        data = (member[:11] + struct.pack("<I", size) + member[15:]) * 60 + b"\0"
    result = sanitize(data, policy, name=f"a.{extension}")
    assert (result.report.refusal, result.report.members) == (code, ())


def test_its_reader_dislikes_what_our_writer_does_not_make() -> None:
    plain, _result = clean(zipped(a__txt="words"), "a.zip")
    assert find_complaint(io.BytesIO(plain), "zip") is None
    for data, code in (
        (b"x" + plain, "zip.structure"),
        (plain + b"x", "zip.structure"),
        (zipped(a__exe=b"MZ"), "zip.member"),
        (zipped(a__csv="=1\n"), "zip.member"),
        (zipped(**{"../a__txt": "words"}), "zip.name"),
        (aes_zip(b"pw"), "zip.structure"),
    ):
        complaint = find_complaint(io.BytesIO(data), "zip")
        assert complaint is not None
        assert complaint.code == code


@pytest.mark.parametrize("policy", ["inbound", "inbound-strict", "outbound"])
def test_files_that_computers_add_by_themselves_are_left_out_without_a_refusal(policy: str) -> None:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        for name, content in (
            ("a.txt", b"words"),
            ("__MACOSX/._a.txt", b"\0\5\x16\7"),
            ("b/Thumbs.db", b"\xd0\xcf"),
            ("b/.DS_Store", b"\0\0"),
            ("b/~$計画.docx", b"\x04user"),
            ("b/.~lock.計画.ods#", b",user,"),
        ):
            package.writestr(name, content)
    output, result = clean(out.getvalue(), "a.zip", policy)
    assert names_in(output) == ["a.txt"]
    assert codes(result) == {"archive.litter"}


@pytest.mark.parametrize(
    ("extension", "pack"), [("bz2", bz2.compress), ("xz", lzma.compress), ("gz", gzip.compress)]
)
def test_it_reads_other_packings_of_tar_and_of_one_file(
    extension: str, pack: Callable[[bytes], bytes]
) -> None:
    output, result = clean(pack(tar(tarfile.TarInfo("a/b.txt"))), f"a.tar.{extension}")
    assert names_in(output) == ["a/b.txt"]
    output, result = clean(pack(b"words"), f"a.txt.{extension}")
    assert (result.name, names_in(output)) == ("a_txt.zip", ["a.txt"])
    assert sanitize(pack(bytes(30_000_000)), name=f"a.txt.{extension}").report.refusal == "limit.ratio"
    assert sanitize(pack(b"words" * 99)[:-9], name=f"a.txt.{extension}").report.refusal == "input.broken"


def test_it_reads_names_of_the_unix_of_old() -> None:
    names = ["計画表です.txt", "資料一覧.txt"]
    stored = [name.encode("euc_jp") for name in names]
    data = zipped(**{"x" * len(raw): "words" for raw in stored})
    for raw in sorted(stored, key=len, reverse=True):
        data = data.replace(b"x" * len(raw), raw)
    assert names_in(clean(data, "a.zip")[0]) == names
    half_width = "ﾊﾝｶｸ.txt".encode("cp932")
    data = zipped(**{"x" * len(half_width): "words"}).replace(b"x" * len(half_width), half_width)
    assert names_in(clean(data, "a.zip")[0]) == ["ﾊﾝｶｸ.txt"]


@pytest.mark.parametrize("cut", [1024, 1200, 1536])
def test_a_tar_that_was_cut_off_is_refused_whole(cut: int) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as package:
        for name in ("a.txt", "b.txt", "c.txt"):
            info = tarfile.TarInfo(name)
            info.size = 5
            package.addfile(info, io.BytesIO(b"words"))
    assert len(names_in(clean(out.getvalue(), "a.tar")[0])) == 3
    assert sanitize(out.getvalue()[:cut], name="a.tar").report.refusal == "input.broken"
    damaged = bytearray(out.getvalue())
    damaged[1030] ^= 0xFF  # in the header of the second
    assert sanitize(bytes(damaged), name="a.tar").report.refusal == "input.broken"


@pytest.mark.parametrize("method", [1, 6, 9, 93, 98])
def test_a_packing_that_is_not_supported_is_named_so(method: int) -> None:
    data = bytearray(zipped(a__txt="words"))
    data[8:10] = method.to_bytes(2, "little")
    at = data.find(b"PK\x01\x02")
    data[at + 10 : at + 12] = method.to_bytes(2, "little")
    assert sanitize(bytes(data), name="a.zip").report.refusal == "archive.method"


@pytest.mark.parametrize(
    ("begin", "kind"),
    [
        (b"\x28\xb5\x2f\xfd", "zst"),
        (b"\x04\x22\x4d\x18", "lz4"),
        (b"\x1f\x9d\x90", "compress"),
        (b"\x60\xea\x2a\x00\x1e", "arj"),
        (b"Rar!\x1a\x07\x01", "rar"),
        (b"\x00\x01\x00\x00Standard ACE DB", "access"),
    ],
)
def test_other_archives_are_named_when_they_are_refused(begin: bytes, kind: str) -> None:
    report = sanitize(begin + bytes(100), name="a").report
    assert (report.refusal, report.refusal_params) == ("type.unsupported", {"type": kind})


@pytest.mark.parametrize("policy", ["inbound", "inbound-strict", "outbound"])
def test_an_empty_file_is_left_out_and_refuses_nothing_but_itself(policy: str) -> None:
    packed = zipped(**{"見積.txt": b"words", "空.txt": b"", ".gitkeep": b""})
    result = sanitize(packed, policy, name="a.zip")
    assert names_in(result.output or b"") == ["見積.txt"]
    assert [removal.detail for removal in result.report.removed] == ["input.empty", "input.empty"]


@pytest.mark.parametrize("name", ["一覧.csv.gz", "一覧.v2.csv.bz2"])
def test_the_name_of_a_compressed_file_that_became_a_zip_is_plain(name: str) -> None:
    pack = bz2.compress if name.endswith("bz2") else gzip.compress
    first = sanitize(pack("名,値\n".encode()), name=name)
    assert first.is_clean, first.report.refusal
    again = sanitize(first.output or b"", name=first.name)
    assert (again.name, again.report.removed) == (first.name, ())


def zip_with_extra(stored: bytes, extra: bytes) -> bytes:
    """A ZIP of one text, whose name stands as these bytes and whose directory says ``extra`` beside it."""
    out = io.BytesIO()
    info = zipfile.ZipInfo("x" * len(stored))
    info.extra = extra
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(info, b"words")
    return out.getvalue().replace(b"x" * len(stored), stored) if stored else out.getvalue()


def unicode_path(stored: bytes, name: str) -> bytes:
    field = b"\1" + struct.pack("<I", zlib.crc32(stored)) + name.encode()
    return struct.pack("<HH", 0x7075, len(field)) + field


def test_it_reads_the_name_that_stands_in_unicode_beside_the_other() -> None:
    stored = b"_____.txt"
    named = zip_with_extra(stored, unicode_path(stored, "届出書①.txt"))
    assert names_in(clean(named, "a.zip")[0]) == ["届出書①.txt"]
    renamed_since = zip_with_extra(stored, unicode_path(b"other", "届出書①.txt"))
    assert names_in(clean(renamed_since, "a.zip")[0]) == ["_____.txt"]


def test_a_member_without_a_name_is_called_file() -> None:
    assert names_in(clean(zip_with_extra(b"", b""), "a.zip")[0]) == ["file.txt"]


def test_it_reads_tar_from_before_posix() -> None:
    data = bytearray(tar(tarfile.TarInfo("a.txt")))
    data[257:512] = bytes(255)
    data[148:156] = b" " * 8
    data[148:156] = b"%06o\0 " % sum(data[:512])
    assert names_in(clean(bytes(data), "a.tar")[0]) == ["a.txt"]
    assert names_in(clean(gzip.compress(bytes(data)), "a.tar.gz")[0]) == ["a.txt"]


def test_a_folder_in_the_name_of_an_old_lzh_is_a_folder() -> None:
    data = lzh("申請".encode("cp932") + b"\xff" + b"a.txt", b"words")
    assert names_in(clean(data, "a.lzh")[0]) == ["申請/a.txt"]


def test_a_second_name_of_a_file_in_a_tar_holds_the_same() -> None:
    first, second, lost, again = (tarfile.TarInfo(name) for name in ("a.txt", "b.txt", "c.txt", "d.txt"))
    for link, target in ((second, "a.txt"), (lost, "/etc/passwd"), (again, "b.txt")):
        link.type, link.linkname = tarfile.LNKTYPE, target
    output, result = clean(tar(first, second, lost, again), "a.tar")
    with zipfile.ZipFile(io.BytesIO(output)) as package:
        held = {name: package.read(name) for name in package.namelist()}
    assert held["a.txt"]
    assert held == dict.fromkeys(("a.txt", "b.txt", "d.txt"), held["a.txt"])
    assert [
        removal.where["member"] for removal in result.report.removed if removal.code == "archive.special"
    ] == ["c.txt"]


def test_a_zip_for_a_version_nobody_reads_is_named_so() -> None:
    data = bytearray(zipped(a__txt="words"))
    data[data.index(b"PK\1\2") + 6] = 84
    assert sanitize(bytes(data), name="a.zip").report.refusal == "archive.method"
