export default {
  title: 'Hall screen',
  sold: 'Sold to bidder {code}',
}
