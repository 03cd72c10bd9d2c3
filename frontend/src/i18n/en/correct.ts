export default {
  all_transfers: 'All transfers',
  reserved: 'Reserved',
}
