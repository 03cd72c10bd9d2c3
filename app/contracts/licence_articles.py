"""The articles of the patent licence contract, each with its wording in both languages and its source of law.

Source: 民法典 articles 862 to 877, 技术合同解释 articles 24 to 28, 专利法 articles 12, 43, 47, 专利法实施细则 article 15.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.contracts import articles
from app.contracts.terms import Article, Paragraph
from app.money import yuan

if TYPE_CHECKING:
    from app.contracts.licence_terms import LicenceContractTerms


def parties(terms: LicenceContractTerms) -> Article:
    """Who licenses and who is licensed."""
    return Article(
        "当事人",
        "Parties",
        "民法典 470",
        [
            Paragraph(f"许可人（卖方）：{terms.seller.zh}。", f"Licensor (seller): {terms.seller.en}."),
            Paragraph(f"被许可人（买方）：{terms.buyer.zh}。", f"Licensee (buyer): {terms.buyer.en}."),
        ],
    )


def grant(terms: LicenceContractTerms) -> Article:
    """What is licensed, in which kind, where, for what and how long."""
    facts = terms.facts
    kind_zh, kind_en, means_zh, means_en = terms.kind_words
    where_zh, where_en = terms.territory_words
    field_zh, field_en = terms.field_words
    return Article(
        "许可的标的、方式和范围",
        "Subject, kind and scope",
        "民法典 845、862、863、867；技术合同解释 25",
        [
            Paragraph(
                f"许可人将专利“{facts.invention_name}”（专利号 {facts.patent_no}）以{kind_zh}的方式许可被许可人实施："
                f"{means_zh}。",
                f"The licensor licenses the patent “{facts.invention_name}” (patent no. {facts.patent_no}) to the licensee by "
                f"{kind_en}: {means_en}.",
            ),
            Paragraph(
                f"许可地域：{where_zh}（{terms.territory}）。使用领域：{field_zh}。"
                "实施行为包括制造、使用、许诺销售、销售和进口。",
                f"Territory: {where_en} ({terms.territory}). Field of use: {field_en}. Working it means to make, use, "
                "offer, sell and import.",
            ),
            Paragraph(
                f"许可期限：{terms.starts_on} 至 {terms.ends_on}（含当日），不超过专利权的存续期间。",
                f"Term: {terms.starts_on} to {terms.ends_on} inclusive, within the life of the patent.",
            ),
            _sublicences(terms),
            *_opened(terms),
            Paragraph(
                f"本合同依据{terms.exchange_zh}{terms.way_zh}的结果订立（挂牌编号 {terms.listing_no}，成交编号 {terms.deal_no}），"
                f"内容不偏离已公布的{terms.papers_zh}和成交结果。",
                f"This contract rests on the result of {terms.way_en} at {terms.exchange_en} (listing "
                f"{terms.listing_no}, deal {terms.deal_no}) and does not depart from the published terms and result.",
            ),
        ],
    )


def _sublicences(terms: LicenceContractTerms) -> Paragraph:
    """Whether the licensee may license others; a sublicence is an ordinary one (技术合同解释 article 25)."""
    sub_zh, sub_en = (
        (
            "被许可人可以再许可他人实施，再许可均为普通实施许可，期限和范围不超出本合同，并应当事先书面告知许可人",
            (
                "the licensee may sublicense; a sublicence is an ordinary one within this contract's scope and term, and the "
                "licensor is told of it in writing before"
            ),
        )
        if terms.sublicence
        else (
            "未经许可人书面同意，被许可人不得许可约定以外的第三人实施该专利",
            "without the licensor's written consent the licensee lets no third party work the patent",
        )
    )
    return Paragraph(f"分许可：{sub_zh}。", f"Sublicences: {sub_en}.")


def _opened(terms: LicenceContractTerms) -> list[Paragraph]:
    """What an open licence rests on; its declaration stands for the licensor's signature."""
    if not terms.announcement:
        return []
    return [
        Paragraph(
            f"本许可依据专利开放许可声明（国家知识产权局公告 {terms.announcement}）作出。公告的使用费支付方式和标准：{terms.fee_standard}"
            "被许可人书面通知并依照公告支付使用费后，即获得实施许可；许可人的声明作为其对本合同的签署（专利法第五十条、第五十一条）。"
            "声明撤回的，不影响本许可。",
            f"This licence rests on the declaration of an open licence (CNIPA announcement {terms.announcement}). The fee as "
            f"announced: {terms.fee_standard} By written notice and payment as announced the licensee obtains the licence; "
            "the licensor's declaration is its signature of this contract (Patent Law articles 50, 51). A withdrawal of the "
            "declaration does not touch this licence.",
        )
    ]


def facts(terms: LicenceContractTerms) -> Article:
    """The six facts of article 845, and whose record prevails."""
    six = articles.facts(terms)
    prevails = Paragraph(
        "上述事实与专利登记簿不一致的，以专利登记簿为准；登记簿副本由许可人在本合同生效后提供。",
        "Where these facts differ from the patent register, the register prevails; the licensor hands over an extract of "
        "it once this contract is in force.",
    )
    return Article(six.title_zh, six.title_en, six.basis, [*six.paragraphs[:-1], prevails])


def warranties(terms: LicenceContractTerms) -> Article:
    """What the licensor warrants, and what stands beside the licence."""
    disclosed = terms.encumbrances.strip()
    earlier_zh, earlier_en = (
        (
            "被许可人知悉并接受已披露的在先普通实施许可继续有效。",
            "The licensee knows of the earlier ordinary licences disclosed and accepts that they stand.",
        )
        if terms.accepts_earlier
        else (
            "许可人保证没有与本许可的方式、地域、领域和期间相冲突的在先许可。",
            "The licensor warrants that no earlier licence is in this one's way.",
        )
    )
    return Article(
        "许可人的保证",
        "Warranties of the licensor",
        "民法典 850、870；技术合同解释 24、25",
        [
            Paragraph(
                "许可人保证自己是上述专利权的合法拥有者或者有权许可，专利权已授予并维持有效，所提供的技术完整、无误、有效，"
                "能够达到说明书记载的目标。",
                "The licensor warrants that it lawfully owns the patent or may license it, that the patent is granted and in "
                "force, and that the technology is complete, free of error, effective and able to reach its stated purpose.",
            ),
            Paragraph(
                f"已披露的权利负担：{disclosed or '无'}。共有人、质权人的同意依法需要的，已经取得。{earlier_zh}",
                f"Encumbrances disclosed: {disclosed or 'none'}. Consents of co-owners and pledgees have been obtained where "
                f"the law asks for them. {earlier_en}",
            ),
            Paragraph(
                "许可人在本合同期内转让该专利权的，不影响本合同的效力。",
                "If the licensor assigns the patent during the term, this contract stands.",
            ),
        ],
    )


def price(terms: LicenceContractTerms) -> Article:
    """The fee in figures and words, what was paid before, and when the rest is due."""
    plan_zh, plan_en = articles.payment_plan(terms)
    days = terms.payment_days
    paid = (
        Paragraph(
            f"被许可人已交纳的保证金 {yuan(terms.deposit_fen)} 元在本合同生效时抵作使用费，余款为 {yuan(terms.balance_fen)} 元。",
            f"The deposit of CNY {yuan(terms.deposit_fen)} counts as part of the fee; CNY {yuan(terms.balance_fen)} remains.",
        )
        if terms.deposit_fen
        else Paragraph(
            f"被许可人没有交纳保证金，应付全部使用费 {yuan(terms.balance_fen)} 元。",
            f"No deposit was paid; the whole fee of CNY {yuan(terms.balance_fen)} is due.",
        )
    )
    due_zh, due_en = f"自本合同生效之日起 {days} 日内", f"within {days} days after this contract takes effect"
    if terms.instalments or terms.plan:
        due_zh, due_en = "按上述期限", "by these days"
    return Article(
        "使用费与支付",
        "Fee and payment",
        "民法典 845、846、873；技术合同解释 14",
        [
            Paragraph(
                f"许可使用费为人民币 {yuan(terms.price_fen)} 元（大写：{terms.price_capital}），{plan_zh}；"
                "双方在本市场另行确认提成或者延期支付的，按确认的付款方式履行。",
                f"The fee is CNY {yuan(terms.price_fen)} ({terms.price_capital}), paid {plan_en}; where both sides confirm "
                "royalties or deferred payment in this market, the confirmed plan holds.",
            ),
            paid,
            Paragraph(
                f"被许可人应当{due_zh}将款项付至{terms.exchange_zh}的结算账户；许可备案的证明文件核对无误后，划付许可人。",
                f"The licensee pays into the settlement account of {terms.exchange_en} {due_en}; it is released to the "
                "licensor once the documents of the licence's recordal have been checked.",
            ),
            Paragraph(
                "使用费以外的设备、材料等非技术费用，双方应当在申请登记前逐项列明；未列明的，全部为技术交易额。税费依法各自承担。",
                "Non-technical costs are itemised before registration; what is not itemised is the technology amount. Each "
                "side bears its own taxes and fees according to law.",
            ),
        ],
    )


def delivery(terms: LicenceContractTerms) -> Article:
    """What the licensor hands over, and how he helps."""
    return Article(
        "技术资料与指导",
        "Documents and guidance",
        "民法典 866、868",
        [
            Paragraph(
                f"许可人应当自本合同生效之日起 {terms.recordal_days} 日内交付实施该专利所需的说明书、附图和有关技术资料，"
                "并提供必要的技术指导。",
                f"Within {terms.recordal_days} days after this contract takes effect the licensor hands over the documents "
                "needed to work the patent and gives the necessary technical guidance.",
            ),
            Paragraph(
                "被许可人应当按照约定实施该专利，并按照约定支付使用费。",
                "The licensee works the patent as agreed and pays the fee as agreed.",
            ),
        ],
    )


def upkeep() -> Article:
    """Who keeps the patent alive and defends it."""
    return Article(
        "专利权的维持",
        "Keeping the patent in force",
        "专利法 43；民法典 865；技术合同解释 26",
        [
            Paragraph(
                "许可人应当在许可期限内维持专利权有效，按时缴纳年费，积极应对他人提出的宣告专利权无效的请求，双方另有约定的除外。",
                "During the term the licensor keeps the patent in force, pays the annuities in time and defends it against "
                "requests for invalidation, unless agreed otherwise.",
            ),
            Paragraph(
                "专利权有效期限届满或者被宣告无效的，许可人不得就该专利再许可或者收取其后的使用费。",
                "Once the patent has expired or been declared invalid the licensor neither licenses it nor takes fees for "
                "the time after.",
            ),
        ],
    )


def recordal() -> Article:
    """When the licence is recorded with the patent office."""
    return Article(
        "许可备案",
        "Recordal",
        "专利法实施细则 15",
        [
            Paragraph(
                "许可人应当自本合同生效之日起三个月内向国务院专利行政部门办理备案，被许可人予以配合；备案号由许可人报本市场登记。"
                "本合同的签署和技术合同登记不能代替备案。",
                "The licensor files this contract for recordal with the patent administration under the State Council (CNIPA) "
                "within three months after it takes effect, and the licensee assists; the licensor tells this market the "
                "recordal number. Neither signing nor registration as a technology contract replaces it.",
            )
        ],
    )


def infringement() -> Article:
    """Others' rights, and others who infringe."""
    return Article(
        "无效与侵权",
        "Invalidity and infringement",
        "专利法 47；民法典 874",
        [
            Paragraph(
                "宣告专利权无效的决定，对已经履行的许可合同不具有追溯力；因许可人恶意造成损失的应当赔偿，"
                "不返还使用费明显违反公平原则的应当全部或者部分返还。",
                "A declaration of invalidity does not undo a licence that was performed; loss caused in bad faith is "
                "compensated, and the fee repaid in whole or part where keeping it would plainly be unfair.",
            ),
            Paragraph(
                "被许可人按照约定实施专利侵害他人合法权益的，由许可人承担责任，双方另有约定的除外。"
                "发现第三人侵害该专利权的，一方应当及时告知另一方。",
                "If working the patent as agreed infringes the lawful rights of others, the licensor is liable, unless agreed "
                "otherwise. A side that learns of an infringement by others tells the other in time.",
            ),
        ],
    )


def breach(terms: LicenceContractTerms) -> Article:
    """What a side that does not perform owes."""
    deposit_zh, deposit_en = (
        ("保证金按照公布的规则处理，", "the deposit is dealt with under the published rules; ")
        if terms.deposit_fen
        else ("", "")
    )
    return Article(
        "违约责任",
        "Breach",
        "民法典 563、577、872、873；技术合同解释 15",
        [
            Paragraph(
                "许可人未按照约定许可技术的，应当返还部分或者全部使用费，并承担违约责任；超越约定的范围或者违反约定擅自许可第三人的，"
                "应当停止违约行为，承担违约责任。",
                "A licensor who does not license as agreed repays the fee in part or whole and is liable; who oversteps the "
                "agreed limits or licenses a third party against the agreement stops and is liable.",
            ),
            Paragraph(
                f"被许可人未按照约定支付使用费的，{deposit_zh}应当补交使用费并支付违约金，不补交的，应当停止实施专利、交还技术资料并承担违约责任；"
                "超越约定的范围实施或者未经同意许可第三人的，应当停止违约行为，承担违约责任。",
                f"Where the licensee does not pay as agreed, {deposit_en}it pays the fee and damages, or else stops working "
                "the patent, returns the documents and is liable; who works it beyond the agreed scope or lets others work "
                "it without consent stops and is liable.",
            ),
            Paragraph(
                "迟延履行主要义务，经催告后三十日内仍未履行的，对方可以解除合同。",
                "If a main duty stays unperformed thirty days after a demand, the other side may rescind.",
            ),
        ],
    )


def form_and_effect() -> Article:
    """Electronic form, what a signature is here, and when the contract takes effect."""
    given = articles.form_and_effect()
    effect = Paragraph(
        "本合同自双方均签署时成立并生效，至许可期限届满时终止。办理许可备案需要纸质文本的，双方另行签章，内容以本文本为准。",
        "This contract is made and takes effect when both sides have signed and ends with the licence's term. Where the "
        "recordal needs paper, the parties sign a copy; this text prevails.",
    )
    first, _, last = given.paragraphs
    return Article(given.title_zh, given.title_en, given.basis, [first, effect, last])


def registration(terms: LicenceContractTerms) -> Article:
    """Who has the contract registered as a technology contract."""
    return Article(
        "技术合同登记",
        "Registration as a technology contract",
        "技术合同认定登记管理办法",
        [
            Paragraph(
                f"本合同生效后，由许可人向{terms.exchange_zh}对接的技术合同登记机构申请认定登记，被许可人予以配合；"
                "一份合同只登记一次。是否登记不影响本合同的效力。",
                f"Once in force, the licensor applies for registration through {terms.exchange_en}, and the licensee "
                "assists; a contract is registered once. Registration does not affect the validity of this contract.",
            )
        ],
    )
