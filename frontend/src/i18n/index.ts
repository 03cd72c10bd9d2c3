import { ref, watchEffect } from 'vue'
import actsEn from './en/acts'
import agreedEn from './en/agreed'
import buyerEn from './en/buyer'
import cardEn from './en/card'
import commonEn from './en/common'
import correctEn from './en/correct'
import courseEn from './en/course'
import deskEn from './en/desk'
import financeEn from './en/finance'
import forfeitEn from './en/forfeit'
import formatEn from './en/format'
import hallEn from './en/hall'
import homeEn from './en/home'
import hostEn from './en/host'
import licenceEn from './en/licence'
import intentsEn from './en/intents'
import listsEn from './en/lists'
import methodEn from './en/method'
import negotiationEn from './en/negotiation'
import noticesEn from './en/notices'
import panelsEn from './en/panels'
import payoutEn from './en/payout'
import planEn from './en/plan'
import proofEn from './en/proof'
import publicEn from './en/public'
import regimeEn from './en/regime'
import rightsEn from './en/rights'
import roomEn from './en/room'
import rulebookEn from './en/rulebook'
import sellerEn from './en/seller'
import settleEn from './en/settle'
import toldEn from './en/told'
import tradeEn from './en/trade'
import wayEn from './en/way'
import actsZh from './zh/acts'
import agreedZh from './zh/agreed'
import buyerZh from './zh/buyer'
import cardZh from './zh/card'
import commonZh from './zh/common'
import correctZh from './zh/correct'
import courseZh from './zh/course'
import deskZh from './zh/desk'
import financeZh from './zh/finance'
import forfeitZh from './zh/forfeit'
import formatZh from './zh/format'
import hallZh from './zh/hall'
import homeZh from './zh/home'
import hostZh from './zh/host'
import licenceZh from './zh/licence'
import intentsZh from './zh/intents'
import listsZh from './zh/lists'
import methodZh from './zh/method'
import negotiationZh from './zh/negotiation'
import noticesZh from './zh/notices'
import panelsZh from './zh/panels'
import payoutZh from './zh/payout'
import planZh from './zh/plan'
import proofZh from './zh/proof'
import publicZh from './zh/public'
import regimeZh from './zh/regime'
import rightsZh from './zh/rights'
import roomZh from './zh/room'
import rulebookZh from './zh/rulebook'
import sellerZh from './zh/seller'
import settleZh from './zh/settle'
import toldZh from './zh/told'
import tradeZh from './zh/trade'
import wayZh from './zh/way'

export type Lang = 'zh' | 'en'

/** Chinese is the source; the English areas are typed against it, so a missing key fails the build. */
const zh = {
  common: commonZh, course: courseZh, public: publicZh, room: roomZh, seller: sellerZh, buyer: buyerZh, trade: tradeZh, desk: deskZh,
  format: formatZh, hall: hallZh, home: homeZh, intents: intentsZh, method: methodZh, host: hostZh, panels: panelsZh, payout: payoutZh, plan: planZh, proof: proofZh, regime: regimeZh, settle: settleZh, told: toldZh, card: cardZh, way: wayZh,
  acts: actsZh, licence: licenceZh, rights: rightsZh, forfeit: forfeitZh, agreed: agreedZh,
  notices: noticesZh, rulebook: rulebookZh, negotiation: negotiationZh,
  finance: financeZh, correct: correctZh, lists: listsZh,
}
type Area = keyof typeof zh
const en: { [A in Area]: Record<keyof (typeof zh)[A], string> } = {
  common: commonEn, course: courseEn, public: publicEn, room: roomEn, seller: sellerEn, buyer: buyerEn, trade: tradeEn, desk: deskEn,
  format: formatEn, hall: hallEn, home: homeEn, intents: intentsEn, method: methodEn, host: hostEn, panels: panelsEn, payout: payoutEn, plan: planEn, proof: proofEn, regime: regimeEn, settle: settleEn, told: toldEn, card: cardEn, way: wayEn,
  acts: actsEn, licence: licenceEn, rights: rightsEn, forfeit: forfeitEn, agreed: agreedEn,
  notices: noticesEn, rulebook: rulebookEn, negotiation: negotiationEn,
  finance: financeEn, correct: correctEn, lists: listsEn,
}
const dictionaries: Record<Lang, Record<Area, Record<string, string>>> = { zh, en }

export type Key = { [A in Area]: `${A}.${Extract<keyof (typeof zh)[A], string>}` }[Area]

const KEY = 'market.lang'

/** Chinese unless this person chose English: the market's documents and counterparties are Chinese. */
export const lang = ref<Lang>(localStorage.getItem(KEY) === 'en' ? 'en' : 'zh')

export function setLang(next: Lang): void {
  lang.value = next
  localStorage.setItem(KEY, next)
}

watchEffect(() => (document.documentElement.lang = lang.value === 'zh' ? 'zh-CN' : 'en'))

/** The words for a key in the language now shown; {name} is filled from the second argument. Reactive in templates. */
export function t(key: Key, values: Record<string, string | number> = {}): string {
  const dot = key.indexOf('.')
  const text = dictionaries[lang.value][key.slice(0, dot) as Area][key.slice(dot + 1)] ?? key
  return text.replace(/\{(\w+)\}/g, (_, name: string) => String(values[name] ?? ''))
}

/** Picks the text of the language now shown from a pair that the server sent in both. */
export function pick(zhText: string, enText: string): string {
  return lang.value === 'zh' ? zhText : enText
}

export { dictionaries }

/** Several things in one line, set apart as the language now shown does it. Reactive in templates. */
export function several(parts: readonly string[]): string {
  return parts.join(lang.value === 'zh' ? '、' : ', ')
}
