"""The text of the general trading rules (交易规则总则): what holds for every format; the numbers are filled in."""

from __future__ import annotations

from typing import NamedTuple


class Values(NamedTuple):
    """The numbers that the text names, in words of each language."""

    zh: dict[str, str]
    en: dict[str, str]


class Part(NamedTuple):
    """One section of the text; ``{percent}`` and the like stand for values."""

    key: str
    title_zh: str
    title_en: str
    zh: tuple[str, ...]
    en: tuple[str, ...]


_BEFORE = (
    Part(
        "way",
        "方式",
        "Way of sale",
        (
            "本市场以网络竞价转让技术成果。每一场用哪种竞价方式、全部参数和本场规则，在发布时固定，发布后不改；竞买人接受的是本场规则的指纹。",
            "公开的增价竞价不少于 {minimum}；由价格档、轮次或轮流出价决定长短的方式，以公布的参数为准。",
        ),
        (
            (
                "Technology is sold here by network bidding. Each sale's format, all its parameters and its own rules are fixed "
                "when it is published and do not change; a bidder accepts them by their fingerprint."
            ),
            (
                "Open rising bidding lasts at least {minimum}; a format whose length follows from its steps, rounds or turns is "
                "as long as its published parameters make it."
            ),
        ),
    ),
    Part(
        "entry",
        "取得资格",
        "Admission",
        (
            "先登记受让意向并接受本场规则，经资格审查，按缴款码汇入保证金；到账确认后发给竞买号。保证金不超过起始价（最高限价）的 {percent}%。",
            "转让方不能在自己的项目中出价；交易机构及其人员不能受让，也不能出价（拍卖法第二十二条、第三十条的规则，本市场同样适用）。",
        ),
        (
            (
                "Declare your intent and accept the sale's rules, be qualified, and transfer the deposit with its reference; once "
                "it has arrived you get a bidder code. The deposit is at most {percent}% of the start price (the ceiling)."
            ),
            (
                "A seller may not bid on its own sale; the exchange and its people may neither buy nor bid (the rules of Auction "
                "Law articles 22 and 30 hold here too)."
            ),
        ),
    ),
    Part(
        "requests",
        "请求与出价",
        "Requests and bids",
        (
            "“出价”就是这个金额：接受后它就是当前价，随后由已登记的自动出价上限应对。",
            "公开出价一经接受即有约束力，不能撤回；出现更优的有效出价时失效（拍卖法第三十六条）。",
            "同一个请求编号只算一次：用同一编号重发，得到第一次的答复；换了金额就被拒绝。连接断开后先按编号查结果，不会替你重发。",
            "出价可以附上你看到的最后一条记录号。附了它，而其后价格或领先者已经变化，这次不受理；没有附的，只看金额。",
            "被拒绝的请求不改变价格、领先者和结束时间。",
        ),
        (
            "A bid is exactly its amount: once accepted it is the price, and open automatic maxima then answer it.",
            (
                "An accepted open bid binds and cannot be withdrawn; it lapses when a better valid bid is accepted (Auction Law "
                "article 36)."
            ),
            (
                "A request's id counts once: sent again it gets the first answer, with another amount it is refused. After a lost "
                "connection the outcome is looked up by the id; nothing is sent again for you."
            ),
            (
                "A bid may carry the number of the last event you saw. If price or leader changed after it, the bid is not taken; "
                "without it the amount alone decides."
            ),
            "A refused request changes neither price nor leader nor end.",
        ),
    ),
    Part(
        "time",
        "时间",
        "Time",
        (
            "以市场时钟为准：请求在轮到它判定的那一刻计时；在结束时刻或之后判定的不生效，即使此前已经收到。答复里同时写明收到的时刻和判定的时刻。",
            "价格优先，时间优先：同样的条件，先判定的在先。",
            "结束前 {trigger}内，只有当领先者或公布的价格确实改变时，才延时：结束时间改为那一刻之后 {extension}，不早于原来的结束时间，也不超过事先公布的最迟结束时间。没有成为领先者、也没有推高价格的请求不延时。",
            "后台晚一点办理结束，不改变结果：以结束时刻为准，记录里写明晚了多久。",
        ),
        (
            (
                "The market's clock decides: a request is timed at the moment it is judged; one judged at or after the end has no "
                "effect, even if it was received before. The answer gives both instants."
            ),
            "Price first, then time: at equal terms what was judged first comes first.",
            (
                "In the last {trigger} the end is extended if and only if leader or shown price really changed: it moves to "
                "{extension} after that moment, never nearer than it was and never past a hard end announced before. A request "
                "that neither takes the lead nor moves the price extends nothing."
            ),
            "A close that is carried out late changes no result: the end itself counts, and the record says how late it was.",
        ),
    ),
    Part(
        "automatic",
        "自动出价",
        "Automatic bidding",
        (
            "公布可以自动出价的场次，你可以登记一个只有自己看得到的上限，系统只在需要时替你加价，每次只加到够领先为止。",
            "第一个上限登记后，当前价是起始价。",
            "两个上限相同：先登记的领先，当前价就是这个上限。",
            "领先者的上限不足以比第二名高出一个加价幅度时，当前价就是领先者的上限，可以不在档上。",
            "领先者提高自己的上限：只有原来被上限压住的价格才会升到第二名加一档，领先者和先后不变。",
            "上限可以提高，不能降低，不能取消。",
            "设有保留价的，上限达到保留价时，当前价一次升到保留价。",
            "竞价结束后，各个上限按竞买号公开，用于核验；竞得者最后的上限换成得出同一结果的最低值，另附它的承诺值，监督人员可以要求打开。",
        ),
        (
            (
                "Where it is announced you may leave a maximum that only you can see; the system raises for you only when needed, "
                "and only as far as it takes to lead."
            ),
            "After the first maximum the price is the start price.",
            "Two equal maxima: the earlier one leads, and the price is that amount.",
            (
                "If the leader's maximum is less than a step above the runner-up, the price is the leader's maximum, even off the "
                "grid."
            ),
            (
                "A leader who raises his own maximum: only a price that the old maximum had capped rises, to the runner-up plus a "
                "step; leader and order stay."
            ),
            "A maximum can be raised, never lowered, never cancelled.",
            "With a reserve: once a maximum reaches it, the price rises to the reserve at once.",
            (
                "After the close all maxima are published under their codes so that the result can be checked; the winner's last "
                "maximum is replaced by the lowest value that gives the same result, with its commitment beside it, openable to a "
                "supervisor."
            ),
        ),
    ),
    Part(
        "reserve",
        "保留价",
        "Reserve",
        (
            "转让方可以设保留价。竞价中只公布达到或未达到；结束前只有转让方自己看得到金额。发布时先公布它的承诺值，结束后打开，任何人可以核对它没有变过。",
            "最高出价没有达到保留价的，没有效力，不成交（拍卖法第五十条）。",
        ),
        (
            (
                "A seller may set a reserve. During bidding only met or not met is shown, and only the seller reads the amount "
                "before the close. A commitment to it is published first and opened after the end, so that anybody can check "
                "that it never changed."
            ),
            "A highest bid below the reserve has no effect and does not buy (Auction Law article 50).",
        ),
    ),
)

_AFTER = (
    Part(
        "secrets",
        "密封与保密",
        "Sealed amounts and secrecy",
        (
            "密封报价在开启前，除报价人以外没有人知道它存在：数量、次数、时间都不外露。到期由后台一并开启，开启的时刻记入记录。",
            "承诺值用各自的随机密钥计算，不能靠逐个试金额猜出；密钥在结束后的核验包里打开。",
            "密封金额以本场的公钥加密。私钥由主密钥包裹，主密钥只给后台程序；市场时钟过了截止时刻，后台才打开。",
            "这样防得住：数据库副本、日志、备份、各岗位的页面，以及被盗用的网页端数据库账号。防不住：后台所在机器的最高权限，和正在接收你报价的网页程序被攻破。",
            "私钥丢失的场次作废，并公布原因。",
        ),
        (
            (
                "Before the opening nobody but its bidder learns that a sealed amount exists: no count, number or instant shows it. "
                "The worker opens all of them together after the deadline and records when."
            ),
            (
                "Each commitment has a random key of its own, so trying likely amounts finds nothing; the keys are opened in the "
                "record after the end."
            ),
            (
                "Sealed amounts are encrypted under the sale's public key. The private key is wrapped by a master key that only the "
                "worker gets, and it is unwrapped only when the market's clock has passed the deadline."
            ),
            (
                "This holds against a database dump, logs, backups, every staff page and a stolen web database account. It does "
                "not hold against root on the worker's machine, or against a web process compromised while it receives your bid."
            ),
            "A sale whose key is lost ends void, with the reason published.",
        ),
    ),
    Part(
        "priority",
        "优先购买权",
        "Right of first refusal",
        (
            "转让职务技术成果时，完成人在同等条件下优先受让（民法典第八百四十七条）。转让方在挂牌时必须说明：谁享有、怎样行使，或者没有人享有。",
            "场内行使：权利人可以按当前价应价并领先，应价就是一次有效出价，可以延时，也由自动出价上限应对；别人再出价要高过一个加价幅度。",
            "场外行使：结果出来后问一次，权利人在公布的时间内按结果价应价即成交；放弃、超时不答都是放弃。问答期间结果不公布。",
            "权利人也要登记受让意向、接受规则、交保证金；不登记视为放弃。",
        ),
        (
            (
                "When a service invention is assigned its completers come first at equal terms (Civil Code article 847). The seller "
                "has to say when listing who holds this right and how it is exercised, or that nobody does."
            ),
            (
                "In the field: a holder may match the current price and lead. A match is an accepted bid, may extend the end, and "
                "automatic maxima answer it; anybody else has to go a step above it."
            ),
            (
                "Afterwards: the holder is asked once when the result is there, and buys at that price by matching within the "
                "announced time; a waiver or silence ends it. The result is not told meanwhile."
            ),
            "A holder declares an intent, accepts the rules and pays the deposit like everybody; not doing so is a waiver.",
        ),
    ),
    Part(
        "deposit",
        "保证金与价款",
        "Deposit and price",
        (
            "没有竞得的，保证金释放退回；竞得的，保证金转为价款的一部分。反向竞价的中选方是收款方，它的保证金留作履约担保，办结后退回。",
            "没有竞得的，有公告列明的情形（截止后撤回、提供虚假材料、串通、泄密、扰乱竞价等，以规则库当时有效的一行为准）的，保证金可以不予退还：由一人提出并写明证据，告知对方并给予陈述申辩期，再由另一岗位的人决定；决定前暂缓退还，不成立的立即退还。",
            "不予退还的保证金依次抵交易机构双方服务费、转让方损失，其余归转让方。",
            "每一笔收付都按复式记账，借贷相等，改正只用新的分录。",
        ),
        (
            (
                "Deposits of those who do not win are released. The winner's deposit becomes part of the price. The winner of a "
                "reverse sale is paid and does not pay, so its deposit stays as security for performance and is released after."
            ),
            (
                "A deposit may be kept though its party did not win, on the announced grounds (withdrawn after the deadline, "
                "false documents, collusion, a leaked secret, disturbed bidding; the rulebook's row then in force counts). One "
                "person declares it with the evidence, the party is told and may answer, another desk decides. Until then "
                "nothing goes back; what is refused goes back at once."
            ),
            "What is kept goes to both sides' fees of the exchange, then to the seller's loss, the rest to the seller.",
            "Every movement is kept in double entry; corrections are new entries.",
        ),
    ),
    Part(
        "identity",
        "身份",
        "Identity",
        ("竞价中只显示竞买号。结束后，双方与交易机构看到成交确认书；公开记录里始终只有竞买号。",),
        (
            (
                "During bidding only bidder codes are shown. After the end both sides and the exchange see the confirmation; the "
                "public record has codes only, always."
            ),
        ),
    ),
    Part(
        "trouble",
        "中断、中止与作废",
        "Interruption, suspension, void",
        (
            "受理出价的程序中断超过 {interruption}，而且落在最后的延时窗口、一个轮次、周期或价格档之内的，先中止，不算也不公布结果；由两个岗位决定恢复或者作废，可以多场一并决定。",
            "场务岗可以附公开的理由中止。中止期间计时停住，请求不生效。",
            "恢复时，结束时间等于恢复时刻加上从最后一次有效出价（没有的从开始）到原结束时间的长度，至少一个完整的延时窗口，不超过重新公布的最迟结束时间。",
            "作废的场次不成交，保证金全部释放，记录照样保留、可以核验（法释〔2016〕18号第二十八条、第三十一条的规则）。",
        ),
        (
            (
                "If the taking of bids was interrupted for more than {interruption} inside the last extension window or inside a "
                "turn, cycle or price step, the sale is suspended before any result is computed or shown; two posts decide to "
                "resume or void it, for many sales at once if need be."
            ),
            "The host may suspend with a published reason. Meanwhile the clock stands still and no request counts.",
            (
                "On resuming the end is the moment of resuming plus the time from the last accepted bid (or the opening) to the "
                "old end, at least one full extension window, never past a hard end announced anew."
            ),
            (
                "A void sale has no winner, all deposits are released, and its record is kept and can be checked (after Fa Shi "
                "[2016] 18 articles 28 and 31)."
            ),
        ),
    ),
    Part(
        "default",
        "悔约",
        "Default",
        (
            "竞得方不签约、不付款的，重新组织竞价。出价第二高的只被询问，不受约束：它的出价已经失效（拍卖法第三十六条、第三十九条）。",
            "评审类的按公布的名次递补，或者重新组织。",
        ),
        (
            (
                "If the winner does not sign or pay, bidding is held again. The second-highest bidder is only asked and never "
                "bound: its bid has lapsed (Auction Law articles 36 and 39)."
            ),
            "After a scored tender the next ranked candidate follows, or the tender is held again.",
        ),
    ),
    Part(
        "proof",
        "可以核验",
        "Proof",
        (
            "每个请求、阶段变化和结果按序编号，散列值首尾相连；每一批由交易所签名。答复就是你的回执，交易所收不回去。",
            "每一场结束后都可以下载核验包和可读的记录。任何人用公开的公钥和只含规则的核验程序重算，必须得到同一个结果；改动、换序、缺失都会被指出来。",
        ),
        (
            (
                "Every request, change of stage and result is numbered and chained by hashes, and each batch is signed by the "
                "exchange. The answer to a request is your receipt, and the exchange cannot take it back."
            ),
            (
                "Every ended sale offers its record as a bundle and as a readable paper. Anybody recomputes it with the published "
                "key and a verifier that has the rules alone, and must reach the same result; what was altered, reordered or left "
                "out is named."
            ),
        ),
    ),
)

GENERAL = _BEFORE + _AFTER
