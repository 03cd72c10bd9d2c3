/** What was agreed in a negotiation and holds as the plan of payment. */
export default {
  title: '协商约定的分期',
  part: '第 {place} 期 {share}%，合同生效后 {days} 日内',
  help: '接受的报价和合同已经这样约定，开始结算即按此执行，不用对方再同意。改用提成等其他方式的，要对方同意。',
}
