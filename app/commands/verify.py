"""``market verify BUNDLE``: checks the record of a sale by the rules alone, with no database and no network."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import orjson

from app.auction.protocol.findings import Unreadable
from app.auction.protocol.trust import read_keys
from app.auction.protocol.verifying import verify

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.auction.protocol.findings import Finding
    from app.auction.protocol.verifying import Report

_EPILOG = """密钥文件来自交易所公布的 /api/v1/signing-keys，应另行取得，不要用与记录同处得来的。
The file of keys is what the exchange publishes at /api/v1/signing-keys; get it elsewhere than the bundle.

退出码 / exit code: 0 成立 / the record holds; 1 不成立 / it does not; 2 文件无法读取 / a file cannot be read."""


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="market verify",
        description="核验竞价记录 / check the record of a sale",
        epilog=_EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("bundle", type=Path, metavar="BUNDLE", help="竞价记录包 / the bundle")
    parser.add_argument(
        "--keys", type=Path, required=True, metavar="FILE", help="交易所公钥 / the exchange's public keys"
    )
    parser.add_argument(
        "--receipt",
        type=Path,
        action="extend",
        nargs="+",
        default=[],
        metavar="FILE",
        help="自己的出价回执 / receipts of own bids",
    )
    parser.add_argument(
        "--head",
        type=Path,
        action="extend",
        nargs="+",
        default=[],
        metavar="FILE",
        help="竞价中看到的链头 / signed heads seen while the sale ran",
    )
    parser.add_argument("--json", action="store_true", help="以 JSON 输出 / answer in JSON")
    return parser


def _read(file: Path) -> Any:  # noqa: ANN401 - JSON
    return orjson.loads(file.read_bytes())


def _read_all(files: Sequence[Path]) -> list[Any]:
    """What files hold; one may hold a list."""
    found: list[Any] = []
    for file in files:
        read = _read(file)
        found += read if isinstance(read, list) else [read]
    return found


def main(arguments: list[str]) -> int:
    """Verifies; 0 when the record holds, 1 when it does not, 2 when a file cannot be read."""
    options = _parser().parse_args(arguments)
    try:
        keys = read_keys(_read(options.keys))
        bundle, receipts, heads = _read(options.bundle), _read_all(options.receipt), _read_all(options.head)
    except Unreadable as unreadable:
        sys.stderr.write(f"{unreadable.finding.text('zh')}\n{unreadable.finding.text('en')}\n")
        return 2
    except (OSError, ValueError) as error:
        sys.stderr.write(f"文件无法读取 / a file cannot be read: {error}\n")
        return 2
    report = verify(bundle, keys, receipts, heads)
    if options.json:
        print(json.dumps(report.wire(), ensure_ascii=False))
    else:
        _tell(report)
    return 0 if report.holds else 1


def _tell(report: Report) -> None:
    for item in report.findings:
        print(_told("✗", item))
    for item in report.notes:
        print(_told("·", item))
    counts = report.counts
    if not report.holds:
        print("\n记录不成立 / the record does not hold")
        return
    result = report.result or {}
    print(
        f"\n✓ 记录成立：{counts['events']} 个事件，{counts['requests']} 个请求，{counts['signed_heads']} 个链头，"
        f"{counts['receipts']} 份回执，{counts['seen_heads']} 个所见链头\n"
        f"  The record holds: {counts['events']} events, {counts['requests']} requests, "
        f"{counts['signed_heads']} signed heads, {counts['receipts']} receipts, {counts['seen_heads']} seen heads\n"
        f"  结果 / result: {result.get('outcome')} {result.get('winner') or ''} {_yuan(result.get('price_fen'))}"
    )


def _told(mark: str, item: Finding) -> str:
    return f"{mark} [{item.code}] {item.text('zh')}\n  {item.text('en')}"


def _yuan(fen: int | None) -> str:
    return "" if fen is None else f"CNY {fen // 100:,}.{fen % 100:02d}"
