export default {
  title: 'Instalments as agreed',
  part: 'Part {place}: {share}%, within {days} days after the contract takes effect',
  help: 'The accepted offer and the contract say so; it holds when the settlement begins, without another consent. Royalties and the like need the other side’s consent.',
}
