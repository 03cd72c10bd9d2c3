/** The general rules of online bidding in this market, by section, in both languages. A sale's own rules come from its parameters. */
export interface RuleSection {
  key: string
  zh: { title: string; paragraphs: string[] }
  en: { title: string; paragraphs: string[] }
}

export const RULES: RuleSection[] = [
  {
    key: 'way',
    zh: { title: '方式', paragraphs: ['本市场以网络竞价转让专利权：在公布的时间里，取得竞买号的人公开加价，价高者得。', '每一场的起始价、加价幅度、保证金、开始与结束时间、延时参数在发布时固定，发布后不改。'] },
    en: { title: 'Way of sale', paragraphs: ['Patents are assigned by online bidding: within the announced time, admitted bidders raise the price in public and the highest bid wins.', 'Start price, step, deposit, opening, end and extension of each sale are fixed when it is published and do not change.'] },
  },
  {
    key: 'entry',
    zh: { title: '取得资格', paragraphs: ['先登记受让意向，并接受这一场的规则；审核岗审查资格；按缴款码汇入保证金；资金岗确认到账后，发给竞买号。', '转让方不能在自己的项目中出价。交易机构及其人员不能受让，也不能出价。'] },
    en: { title: 'Admission', paragraphs: ['Declare your intent and accept the rules of the sale; the review desk checks your qualification; transfer the deposit with its reference; once finance confirms the arrival you receive a bidder code.', 'A seller may not bid on its own listing. The exchange and its people may neither buy nor bid.'] },
  },
  {
    key: 'bids',
    zh: { title: '出价', paragraphs: ['首次出价不低于起始价，以后每次在当前价上加一个加价幅度或其整数倍。', '出价一经接受即有约束力，不能撤回；出现更高的有效出价时失效。', '同一个出价编号只算一次。连接断开后，先按编号查清上一次出价的结果，不会替你重发。'] },
    en: { title: 'Bids', paragraphs: ['The first bid is at least the start price; each further one adds the step or a multiple of it.', 'An accepted bid binds and cannot be withdrawn; it lapses when a higher valid bid is accepted.', 'A bid\'s id counts once. After a lost connection the outcome of the last bid is looked up by its id; nothing is sent again for you.'] },
  },
  {
    key: 'time',
    zh: { title: '时间', paragraphs: ['以市场时钟为准。出价在轮到它判定的那一刻计时；到达结束时刻或之后判定的出价不生效，即使此前已经收到。', '结束前的延时窗口里有人出价，结束时间改为那次出价后再等一段。公布了最迟结束时间的，延时不超过它。'] },
    en: { title: 'Time', paragraphs: ['The market\'s clock decides. A bid is timed at the moment it is judged; one judged at or after the end has no effect, even if it was received before.', 'A bid within the last minutes moves the end to a fixed time after it, never past a latest end announced before.'] },
  },
  {
    key: 'reserve',
    zh: { title: '保留价', paragraphs: ['转让方可以设保留价。竞价中只公布是否达到；发布时先公布它的承诺值，结束后公开，任何人可以核对它没有变过。', '最高出价没有达到保留价的，不成交。'] },
    en: { title: 'Reserve', paragraphs: ['A seller may set a reserve. During bidding only whether it is met is shown; a commitment to it is published first and opened after the end, so that anybody can check that it never changed.', 'A highest bid below the reserve does not buy.'] },
  },
  {
    key: 'deposit',
    zh: { title: '保证金与价款', paragraphs: ['没有竞得的，保证金退回原账户。竞得的，保证金转为价款的一部分。', '每一笔收付都按复式记账，借贷相等，改正只用新的分录。'] },
    en: { title: 'Deposit and price', paragraphs: ['Deposits of those who do not win are returned. The winner\'s deposit becomes part of the price.', 'Every movement is kept in double entry; corrections are new entries.'] },
  },
  {
    key: 'identity',
    zh: { title: '身份', paragraphs: ['竞价中只显示竞买号。结束后，出让方、受让方与交易机构看到成交确认书。'] },
    en: { title: 'Identity', paragraphs: ['During bidding only bidder codes are shown. After the end, seller, buyer and the exchange see the deal confirmation.'] },
  },
  {
    key: 'proof',
    zh: { title: '可以核验', paragraphs: ['每次出价、延时和结果按序编号，每一条的散列值都含前一条的散列值。公开记录任何人可以读取和核验。'] },
    en: { title: 'Proof', paragraphs: ['Every bid, extension and result is numbered, and each hash covers the one before it. Anybody may read and check the public record.'] },
  },
]
