"""The command line: ``market COMMAND``, ``python -m app COMMAND`` or ``./market COMMAND``, all the same."""

from __future__ import annotations

import gc
import importlib
import os
import sys

# Command: (module in app.commands, 说明, what it does).
COMMANDS = {
    "run": ("run", "启动整个市场，数据库在内", "start the whole market with its own database"),
    "web": ("web", "只启动网页与接口（需要 DATABASE_URL）", "pages and API only (needs DATABASE_URL)"),
    "worker": (
        "worker",
        "只启动后台任务（需要 DATABASE_URL）",
        "the background work only (needs DATABASE_URL)",
    ),
    "migrate": (
        "migrate",
        "把 DATABASE_URL 的表结构更新到最新",
        "bring the schema of DATABASE_URL up to date",
    ),
    "staff": ("staff", "添加交易所人员", "add people of the exchange"),
    "verify": ("verify", "核验竞价记录（不用数据库）", "check the record of a sale (no database)"),
    "replay": (
        "replay",
        "按规则重放请求文件（不用数据库）",
        "play a file of requests by the rules (no database)",
    ),
    "keys": ("keys", "签名密钥：查看、更换、停用", "signing keys: show, rotate, retire"),
    "master-key": (
        "master_key",
        "密封报价的主密钥：查看、检查、更换",
        "the master key of sealed bids: show, check, rotate",
    ),
    "ledger": ("ledger", "核对账目：market ledger check", "check the books: market ledger check"),
    "import": ("import_patents", "导入专利清单", "bring in a list of patents"),
    "smoke": ("smoke", "在运行中的市场上走完整个流程", "drive the whole journey against a running market"),
    "bench": ("bench", "测量", "measure"),
    "faults": (
        "faults",
        "故障演练：杀死各个部分，核对记录",
        "kill parts of a deployment, then check every record",
    ),
    "openapi": ("openapi", "输出接口描述", "print the API's description"),
    "test": ("test", "运行全部检查与测试", "run all checks and tests"),
}


def _usage() -> str:
    lines = [
        "用法 / usage: market COMMAND [OPTIONS]   (market COMMAND --help)",
        "",
        *(f"  {name:<11}{zh} / {en}" for name, (_, zh, en) in COMMANDS.items()),
        "",
    ]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    """Runs one command and returns its exit code; only that command's modules are loaded."""
    given = sys.argv[1:] if arguments is None else arguments
    if not given or given[0] in {"-h", "--help", "help"}:
        sys.stdout.write(_usage())
        return 0 if given else 2
    if given[0] not in COMMANDS:
        sys.stderr.write(f"没有这个命令 / no such command: {given[0]}\n\n{_usage()}")
        return 2
    # pydantic would look through all that is installed for plugins, and there are none.
    os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "1")
    # Loading makes objects that all stay: collecting among them only costs a start its time.
    gc.disable()
    command = importlib.import_module(f"app.commands.{COMMANDS[given[0]][0]}")
    gc.freeze()
    gc.enable()
    code: int = command.main(given[1:])
    return code


if __name__ == "__main__":
    sys.exit(main())
