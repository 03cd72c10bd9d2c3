import { describe, expect, it } from 'vitest'
import { publicEvents } from '../../src/live/bundle'
import { actLine, markLine } from '../../src/live/history'
import { isWhole, moveSale } from '../../src/live/moving'
import { flatten, readJson } from '../../src/pages/protocol/checking'
import { familyOf, isHiddenStage } from '../../src/pages/room/family'
import { headlineOf } from '../../src/pages/room/headline'
import { markWords } from '../../src/pages/room/markWords'
import { rankingOf } from '../../src/pages/room/ranking'
import { stagesOf } from '../../src/pages/room/stages'
import { criteriaOf, scoresOf, shownScore } from '../../src/pages/room/tender'
import { ENDS, makeBid, makeEvent, makeMe, makeSale } from './sales'

const NOW = Date.parse('2026-12-01T08:30:00Z')

describe('what an event does to a sale', () => {
  it('a bid moves the limit by the step of the price, downwards where the price falls', () => {
    expect(moveSale(makeSale(), makeBid(3, 'C03', 120)).offer.limit_fen).toBe(130_00)
    expect(moveSale(makeSale({ direction: 'reverse' }), makeBid(3, 'C03', 90)).offer.limit_fen).toBe(80_00)
  })

  it('an act of raise or accept names the next round and its price', () => {
    const sale = makeSale({ format: 'raise_or_accept', stage: 'round', detail: { round: 1, round_fen: 100_00 } })
    const moved = moveSale(sale, makeBid(3, 'C03', 100, { kind: 'accept', stage: 'pause', next_round: 2, next_fen: 110_00 }))
    expect(moved).toMatchObject({ stage: 'pause', price_fen: 100_00, detail: { round: 2, round_fen: 110_00 }, offer: { limit_fen: 110_00 } })
  })

  it('a plain bid tells a guest everything, a bidder with a maximum or a right is told more by the sale itself', () => {
    const bid = makeBid(3, 'C03', 120)
    expect(isWhole(makeSale({ me: null }), bid)).toBe(true)
    expect(isWhole(makeSale(), bid)).toBe(true)
    expect(isWhole(makeSale({ me: makeMe({ own: { maximum_fen: null } }) }), bid)).toBe(false)
    expect(isWhole(makeSale({ me: makeMe({ has_priority: true }) }), bid)).toBe(false)
    expect(isWhole(makeSale({ format: 'dutch' }), bid)).toBe(false)
  })
})

describe('the history', () => {
  it('names how each act came about', () => {
    const way = (over: Record<string, unknown>) => actLine(null, makeBid(3, 'C03', 120, over))?.way
    expect([way({}), way({ automatic: true }), way({ matched: true }), way({ kind: 'take' }), way({ kind: 'raise' })]).toEqual(['manual', 'automatic', 'match', 'take', 'raise'])
    const turn = { bidder: 'C03', amount_fen: 120_00, is_changed: true }
    expect(actLine(null, makeEvent(4, 'turn_ended', turn))).toMatchObject({ way: 'turn', raise_fen: 0 })
    expect(actLine(null, makeEvent(4, 'turn_ended', { ...turn, is_changed: false }))).toBeNull()
  })

  it('leaves out what says nothing, and has words for everything else, also without an end', () => {
    expect(markLine(makeEvent(3, 'price_fell', { step: 1 }))).toBeNull()
    expect(markLine(makeEvent(3, 'stage_began', { stage: 'turn', round: 1 }))).toBeNull()
    const kinds = ['auction_opened', 'envelopes_opened', 'scores_locked', 'priority_asked', 'auction_suspended', 'auction_closed', 'something_new']
    for (const kind of kinds) expect(markWords({ kind, body: {} }), kind).not.toBe('')
    expect(markWords({ kind: 'stage_began', body: { stage: 'limited', ends_at: ENDS } })).toContain('限时报价期')
  })
})

describe('formats', () => {
  it('belong to a family; one that is not known is played by what it offers', () => {
    expect(['english', 'free_limited', 'vickrey', 'dutch_sealed_best', 'prozorro_rounds', 'raise_or_accept', 'scored_tender', 'new'].map(familyOf)).toEqual(['open', 'open', 'sealed', 'dutch', 'rounds', 'raise', 'tender', 'open'])
  })

  it('say their stages in order, an extra round only once it is there', () => {
    expect(stagesOf(makeSale({ format: 'vickrey', stage: 'sealed' }))).toEqual(['sealed'])
    expect(stagesOf(makeSale({ format: 'vickrey', stage: 'extra' }))).toEqual(['sealed', 'extra'])
    expect(stagesOf(makeSale({ format: 'free_limited', stage: 'free', options: { entry: 'free_bidders' }, priority: 'post' }))).toEqual(['free', 'entry', 'limited', 'priority'])
  })

  it('hide amounts until envelopes are opened together', () => {
    expect([isHiddenStage({ format: 'vickrey', stage: 'sealed' }), isHiddenStage({ format: 'scored_tender', stage: 'scoring' }), isHiddenStage({ format: 'english', stage: '' })]).toEqual([true, true, false])
  })

  it('put one amount largest', () => {
    expect(headlineOf(makeSale(), NOW)).toMatchObject({ label: '起始价', fen: 100_00, isBid: false })
    expect(headlineOf(makeSale({ direction: 'reverse' }), NOW).label).toBe('最高限价')
    expect(headlineOf(makeSale({ format: 'raise_or_accept', stage: 'round', price_fen: 100_00, detail: { round: 2, round_fen: 110_00 } }), NOW).fen).toBe(110_00)
  })
})

describe('openings and scores', () => {
  it('are ranked as the result says, before it by amount and then by time', () => {
    const openings = [{ bidder: 'A', amount_fen: 5 }, { bidder: 'B', amount_fen: 9 }, { bidder: 'C', amount_fen: 9 }]
    expect(rankingOf({ openings }, false).map((row) => row.bidder)).toEqual(['B', 'C', 'A'])
    expect(rankingOf({ openings }, true).map((row) => row.bidder)).toEqual(['A', 'B', 'C'])
    expect(rankingOf({ openings, ranking: [{ place: 1, bidder: 'C' }] }, false)).toEqual([{ place: 1, bidder: 'C' }])
  })

  it('show exact fractions rounded and take the total that was published', () => {
    expect(['40', '91/5', '272/7', undefined].map(shownScore)).toEqual(['40', '18.20', '38.86', ''])
    const ranking = [{ place: 1, bidder: 'A', amount_fen: 7, points: { tech: '91/5' }, price_score: '40', total: '291/5', total_shown: '58.20' }]
    expect(scoresOf({ ranking })).toEqual([{ place: 1, bidder: 'A', amountFen: 7, points: { tech: '18.20' }, priceScore: '40', total: '58.20' }])
    expect(criteriaOf({ criteria: [{ code: 'tech', zh: '技术', en: 'Tech', weight: 60 }] })).toEqual([{ code: 'tech', zh: '技术', en: 'Tech', weight: '60' }])
  })
})

describe('records and receipts that somebody brings', () => {
  it('give their public events, and none where they are no record', () => {
    const events = [makeEvent(1, 'auction_scheduled')]
    expect(publicEvents({ streams: [{ audience: 'host', events: [makeEvent(1, 'x')] }, { audience: 'public', events }] })).toEqual(events)
    expect([publicEvents({}), publicEvents({ streams: 'no' }), publicEvents({ streams: [{ audience: 'public', events: [{ number: 'x' }] }] })]).toEqual([[], [], []])
  })

  it('may be one or many in a file; what is no JSON is named', async () => {
    const file = (text: string) => ({ name: 'a.json', text: () => Promise.resolve(text) })
    expect(await readJson(file('[1]'))).toEqual({ ok: true, value: [1] })
    expect(await readJson(file('no'))).toEqual({ ok: false, name: 'a.json' })
    expect(flatten([{ a: 1 }, [{ b: 2 }, { c: 3 }]])).toEqual([{ a: 1 }, { b: 2 }, { c: 3 }])
  })
})
