export default {
  title: '大屏展示',
  sold: '竞买号 {code} 成交',
}
