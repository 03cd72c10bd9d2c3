export default {
  all_transfers: '看全部分录',
  reserved: '已预留',
}
