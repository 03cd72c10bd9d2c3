"""The articles of the patent assignment contract, each with its wording in both languages and its source of law."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contracts.terms import Article, Paragraph
from app.money import Money, yuan

if TYPE_CHECKING:
    from app.contracts.terms import AssignmentTerms


def parties(terms: AssignmentTerms) -> Article:
    """Who assigns and who receives."""
    seller, buyer = terms.seller, terms.buyer
    return Article(
        "当事人",
        "Parties",
        "民法典 470",
        [
            Paragraph(
                f"让与人（卖方）：{seller.zh}。",
                f"Assignor (seller): {seller.en}.",
            ),
            Paragraph(
                f"受让人（买方）：{buyer.zh}。",
                f"Assignee (buyer): {buyer.en}.",
            ),
        ],
    )


def subject(terms: AssignmentTerms) -> Article:
    """What is assigned, and on which sale it rests."""
    facts = terms.facts
    return Article(
        "标的",
        "Subject matter",
        "民法典 845、862、863",
        [
            Paragraph(
                f"让与人将其合法拥有的专利权“{facts.invention_name}”（专利号 {facts.patent_no}）整体让与受让人，"
                "包括制造、使用、许诺销售、销售、进口以及许可他人实施和再次转让的权利。",
                f"The assignor assigns to the assignee the whole of the patent “{facts.invention_name}” (patent no. "
                f"{facts.patent_no}), with the rights to make, use, offer, sell, import, license and assign further.",
            ),
            Paragraph(
                f"本合同依据{terms.exchange_zh}{terms.way_zh}的结果订立（挂牌编号 {terms.listing_no}，成交编号 {terms.deal_no}），"
                f"内容不偏离已公布的{terms.papers_zh}和成交结果。",
                f"This contract rests on the result of {terms.way_en} at {terms.exchange_en} (listing "
                f"{terms.listing_no}, deal {terms.deal_no}) and does not depart from the published terms and result.",
            ),
        ],
    )


def facts(terms: AssignmentTerms) -> Article:
    """The six facts of article 845, and whose record prevails."""
    six = terms.facts
    return Article(
        "专利的六项事实",
        "Six facts of the patent",
        "民法典 845；专利法 42",
        [
            Paragraph(
                f"（一）发明创造名称：{six.invention_name}",
                f"(1) Name of the invention: {six.invention_name}",
            ),
            Paragraph(
                f"（二）专利申请人和专利权人：{six.applicant_and_owner}",
                f"(2) Applicant and patent owner: {six.applicant_and_owner}",
            ),
            Paragraph(f"（三）申请日期：{six.filing_on}", f"(3) Filing date: {six.filing_on}"),
            Paragraph(f"（四）申请号：{six.application_no}", f"(4) Application number: {six.application_no}"),
            Paragraph(f"（五）专利号：{six.patent_no}", f"(5) Patent number: {six.patent_no}"),
            Paragraph(f"（六）专利权有效期限：{six.term}", f"(6) Term of validity: {six.term}"),
            Paragraph(
                "上述事实与专利登记簿不一致的，以专利登记簿为准；登记簿副本由让与人在交割时提供。",
                "Where these facts differ from the patent register, the register prevails; the assignor hands over "
                "an extract of it at completion.",
            ),
        ],
    )


def warranties(terms: AssignmentTerms) -> Article:
    """What the assignor warrants, and what is disclosed."""
    disclosed = terms.encumbrances.strip()
    return Article(
        "让与人的保证",
        "Warranties of the assignor",
        "民法典 847、850、870",
        [
            Paragraph(
                "让与人保证自己是上述专利权的合法拥有者，有权转让；所提供的技术完整、无误、有效，能够达到说明书记载的目标。",
                "The assignor warrants that it lawfully owns the patent and may assign it, and that the technology is "
                "complete, free of error, effective and able to reach the purpose set out in the specification.",
            ),
            Paragraph(
                "让与人保证本合同签署时专利权已授予并维持有效，应缴年费已缴清，转让所需的内部决策、公示和审批已经完成；"
                "属于职务技术成果的，完成人的优先受让权已依法处理。",
                "The assignor warrants that on signing the patent is granted and in force, annuities due are paid, and "
                "internal decisions, notices and approvals are complete; for a service achievement, the right of first "
                "refusal of those who made it has been dealt with according to law.",
            ),
            Paragraph(
                f"已披露的权利负担：{disclosed or '无'}。除此之外，专利权上没有质押、保全或者其他限制转让的情形。",
                f"Encumbrances disclosed: {disclosed or 'none'}. Apart from these there is no pledge, preservation or "
                "other restriction on the transfer.",
            ),
        ],
    )


def price(terms: AssignmentTerms) -> Article:
    """The price in figures and words, the deposit in it, and when the rest is due."""
    total, deposit, balance = yuan(terms.price_fen), yuan(terms.deposit_fen), yuan(terms.balance_fen)
    plan_zh, plan_en = payment_plan(terms)
    days = terms.payment_days
    due_zh, due_en = f"自本合同生效之日起 {days} 日内", f"within {days} days after this contract takes effect"
    what_zh, what_en = "余款", "the balance"
    if terms.instalments or terms.plan:
        due_zh, due_en, what_zh, what_en = "按上述期限", "by these days", "各期价款", "each instalment"
    return Article(
        "价款与支付",
        "Price and payment",
        "民法典 845、846；技术合同解释 14",
        [
            Paragraph(
                f"转让价款为人民币 {total} 元（大写：{terms.price_capital}），{plan_zh}。",
                f"The price is CNY {total} ({terms.price_capital}), paid {plan_en}.",
            ),
            Paragraph(
                f"受让人已交纳的保证金 {deposit} 元在本合同生效时抵作价款，余款为 {balance} 元。",
                f"The deposit of CNY {deposit} counts as part of the price when this contract takes effect; "
                f"CNY {balance} remains.",
            )
            if terms.deposit_fen
            else Paragraph(
                f"受让人没有交纳保证金，余款为全部价款 {balance} 元。",
                f"No deposit was paid; the balance is the whole price, CNY {balance}.",
            ),
            Paragraph(
                f"受让人应当{due_zh}，将{what_zh}付至{terms.exchange_zh}的结算账户；"
                "变更登记的证明文件核对无误后，价款划付让与人。",
                f"The assignee pays {what_en} into the settlement account of {terms.exchange_en} {due_en}; the price is "
                "released to the assignor once the documents of the change of ownership have been checked.",
            ),
            Paragraph(
                "价款中含设备、材料等非技术费用的，双方应当在申请登记前逐项列明；未列明的，价款全部为技术交易额。"
                "税费由双方依法各自承担。",
                "Non-technical costs such as equipment or materials are itemised before registration; what is not "
                "itemised is the technology amount. Each side bears its own taxes and fees according to law.",
            ),
        ],
    )


def payment_plan(terms: AssignmentTerms) -> tuple[str, str]:
    """How the price is paid: as announced, in one sum, or in instalments whose fen make exactly the price."""
    if terms.plan or not terms.instalments:
        return terms.plan or ("一次总付", "in one sum")
    shares = [share for share, _ in terms.instalments]
    parts = [yuan(part.minor) for part in Money(terms.price_fen).split(shares)]
    rows = list(zip(parts, [days for _, days in terms.instalments], strict=True))
    zh = "；".join(f"合同生效后 {days} 日内付 {part} 元" for part, days in rows)
    en = "; ".join(f"CNY {part} within {days} days after it takes effect" for part, days in rows)
    return f"分 {len(rows)} 期支付：{zh}", f"in {len(rows)} instalments: {en}"


def transfer_of_title(terms: AssignmentTerms) -> Article:
    """When the patent passes, who files, who pays annuities."""
    return Article(
        "权属变更与交割",
        "Change of ownership and completion",
        "专利法 10、43；民法典 509",
        [
            Paragraph(
                "专利权的转让自国务院专利行政部门登记之日起生效；本合同的签署以及技术合同登记都不能代替该登记。",
                "The assignment of the patent takes effect on the day it is registered by the patent administration "
                "under the State Council (CNIPA); neither signing this contract nor registering it replaces that.",
            ),
            Paragraph(
                f"双方应当自余款付清之日起 {terms.recordal_days} 日内共同办理著录事项变更，官费由受让人承担。",
                f"Both sides file the change of ownership within {terms.recordal_days} days after the balance is paid; "
                "the assignee bears the official fee.",
            ),
            Paragraph(
                "让与人应当在同一期限内交付专利证书、登记簿副本、申请文件和审查往来文件，并就实施作必要的说明。",
                "Within the same time the assignor hands over the patent certificate, an extract of the register, the "
                "application and examination files, and gives the explanations needed to work the patent.",
            ),
            Paragraph(
                "变更登记之日前应缴的年费由让与人缴纳，之后由受让人缴纳；让与人在登记前应当维持专利权有效。",
                "Annuities due before the day of registration are paid by the assignor, later ones by the assignee; "
                "until then the assignor keeps the patent in force.",
            ),
        ],
    )


def earlier_licences() -> Article:
    """Licences given before stay as they are; own use by the assignor ends."""
    return Article(
        "先前的许可与实施",
        "Earlier licences and use",
        "技术合同解释 24；专利法实施细则 15",
        [
            Paragraph(
                "本合同不影响本合同成立前让与人与他人订立的专利实施许可合同的效力；让与人应当如实披露这些合同，"
                "受让人应当尊重被许可人的权利。",
                "This contract does not touch patent licences that the assignor concluded before it; the assignor "
                "discloses them truthfully and the assignee respects the rights of the licensees.",
            ),
            Paragraph(
                "本合同生效后，受让人要求让与人停止实施该专利的，让与人应当停止，双方另有约定的除外。",
                "After this contract takes effect the assignor stops working the patent when the assignee asks, "
                "unless the parties agree otherwise.",
            ),
        ],
    )


def confidentiality() -> Article:
    """What both keep secret, and for how long."""
    return Article(
        "保密",
        "Confidentiality",
        "民法典 501、871",
        [
            Paragraph(
                "双方对因本合同获知的对方未公开的技术信息和经营信息负有保密义务，不得泄露或者用于本合同以外的目的；"
                "该义务在本合同终止后继续有效，直至信息依法公开。",
                "Each side keeps secret the unpublished technical and business information of the other learnt through "
                "this contract and uses it for nothing else; this duty outlasts the contract until the information is "
                "lawfully public.",
            ),
            Paragraph(
                "依法登记、公告、报送统计或者应有权机关要求提供的，不视为违反保密义务。",
                "Registration, announcement and statistics required by law, and answers to competent authorities, do "
                "not breach this duty.",
            ),
        ],
    )


def improvements() -> Article:
    """Whose later improvements are, and that nobody is kept from making them."""
    return Article(
        "后续改进",
        "Later improvements",
        "民法典 850、864、875；技术合同解释 10",
        [
            Paragraph(
                "一方在该专利基础上作出的后续改进，其成果归作出改进的一方，另一方无权分享，双方另有书面约定的除外。",
                "Improvements made on the basis of the patent belong to the side that made them; the other has no "
                "share in them unless agreed in writing.",
            ),
            Paragraph(
                "本合同不限制任何一方进行研究开发、改进技术、从其他来源取得技术或者对专利权的有效性提出异议。",
                "Nothing in this contract keeps a side from research, from improving technology, from obtaining "
                "technology elsewhere, or from challenging the validity of a patent.",
            ),
        ],
    )


def invalidity_and_infringement() -> Article:
    """What follows if the patent is declared invalid or a third party objects."""
    return Article(
        "无效与侵权",
        "Invalidity and infringement",
        "专利法 47；民法典 874",
        [
            Paragraph(
                "专利权在变更登记后被宣告无效的，对已经履行的部分不具有追溯力；因让与人恶意造成损失的应当赔偿，"
                "不返还价款明显违反公平原则的应当全部或者部分返还。",
                "If the patent is declared invalid after registration, what has been performed is not undone; loss "
                "caused in bad faith is compensated, and the price is repaid in whole or part where keeping it would "
                "plainly be unfair.",
            ),
            Paragraph(
                "受让人按照本合同实施专利侵害他人合法权益的，由让与人承担责任，双方另有约定的除外。",
                "If working the patent as agreed infringes the lawful rights of others, the assignor is liable, unless "
                "the parties agree otherwise.",
            ),
        ],
    )


def breach(terms: AssignmentTerms) -> Article:
    """What a side that does not perform owes."""
    return Article(
        "违约责任",
        "Breach",
        "民法典 563、577、872、873；技术合同解释 15",
        [
            Paragraph(
                "一方不履行或者不按约定履行义务的，应当继续履行、采取补救措施或者赔偿损失。"
                "迟延履行主要义务，经催告后三十日内仍未履行的，对方可以解除合同。",
                "A side that does not perform as agreed performs, remedies or compensates. If a main duty stays "
                "unperformed thirty days after a demand, the other side may rescind.",
            ),
            Paragraph(
                "让与人不能完成变更登记的，应当返还已收价款并赔偿损失；受让人逾期不付款的，"
                + (
                    "保证金按照公布的竞价规则处理，不足以弥补损失的，应当补足。"
                    if terms.deposit_fen
                    else "应当赔偿损失。"
                ),
                "If the assignor cannot bring about the change of ownership, it repays the price and compensates; if "
                "the assignee does not pay in time, "
                + (
                    "the deposit is dealt with under the published bidding rules and further loss is made good."
                    if terms.deposit_fen
                    else "it compensates."
                ),
            ),
        ],
    )


def disputes() -> Article:
    """Which law applies and who decides."""
    return Article(
        "适用法律与争议解决",
        "Law and disputes",
        "民法典 10、467；民事诉讼法",
        [
            Paragraph(
                "本合同适用中华人民共和国法律。发生争议的，双方先行协商，也可以请求本市场调解；"
                "不成的，依法向有管辖权的人民法院起诉。",
                "The law of the People's Republic of China applies. The parties first negotiate and may ask this market "
                "to mediate; failing that, either may sue in the people's court that has jurisdiction.",
            )
        ],
    )


def form_and_effect() -> Article:
    """Electronic form, what a signature is here, and when the contract takes effect."""
    return Article(
        "形式、签署与生效",
        "Form, signing and effect",
        "民法典 469、490、502、863；电子签名法 3、13、14",
        [
            Paragraph(
                "双方约定以数据电文形式订立本合同。各方授权的签约人登录本市场，通读全文，并对本文本的 SHA-256 摘要作出签署；"
                "签署人、所属单位、时间和摘要由本市场如实记录，双方认可其效力。",
                "The parties agree on electronic form. The authorised signatory of each side signs in to this market, "
                "reads the whole text and signs over its SHA-256 digest; this market records the person, the "
                "organisation, the time and the digest, and both sides accept this record.",
            ),
            Paragraph(
                "本合同自双方均签署时成立并生效，至双方义务履行完毕时终止。办理变更登记需要纸质文本的，"
                "双方另行签章，内容以本文本为准。",
                "This contract is made and takes effect when both sides have signed and ends when all duties are "
                "performed. Where an authority needs paper, the parties sign a copy; this text prevails.",
            ),
            Paragraph(
                "本合同以中文订立，英文仅供参考，以中文为准。对本合同的变更应当采用书面形式。",
                "This contract is made in Chinese; the English text is for reference only. Changes are made in writing.",
            ),
        ],
    )


def registration(terms: AssignmentTerms) -> Article:
    """Who has the contract registered as a technology contract."""
    return Article(
        "技术合同登记",
        "Registration as a technology contract",
        "技术合同认定登记管理办法",
        [
            Paragraph(
                f"本合同生效后，由让与人向{terms.exchange_zh}对接的技术合同登记机构申请认定登记，受让人予以配合；"
                "一份合同只登记一次。是否登记不影响本合同的效力。",
                f"Once in force, the assignor applies for registration through {terms.exchange_en}, and the assignee "
                "assists; a contract is registered once. Registration does not affect the validity of this contract.",
            )
        ],
    )


def demonstration() -> Article:
    """Says that a demonstration binds nobody."""
    return Article(
        "演示声明",
        "Demonstration",
        "—",
        [
            Paragraph(
                "本文本在演示市场中生成：价款、当事人的行为和成交均为虚构，所列专利的权利人与本文本无关，"
                "本文本不产生任何法律效力。",
                "This text was made in a demonstration market: price, acts and sale are invented, the owners of the "
                "patents named have no part in it, and it has no legal effect.",
            )
        ],
    )
