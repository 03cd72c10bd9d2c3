import type { Listing } from '@/api/types'
import type { Step } from '@/components/Timeline.vue'
import { isSoldToMany } from '@/components/rightsWords'
import { firstMoment } from '@/components/wayWords'
import { t } from '@/i18n'
import { dateTime, fullDate } from '@/time'

const shortDate = (value: string | null) => (value === null ? '' : fullDate(value).slice(5))

/** How far the public way of a listing has come: review, publication, disclosure, bidding, deal, contract. */
export function stepNow(listing: Listing): number {
  if (listing.status === 'sold') return 5
  if (listing.status === 'unsold' || listing.status === 'terminated') return 4
  if (listing.status === 'listed') return listing.auction && listing.auction.status !== 'scheduled' ? 3 : 2
  if (listing.status === 'suspended') return 2
  return listing.status === 'accepted' ? 1 : 0
}

export function listingSteps(listing: Listing, now: number): Step[] {
  const at = stepNow(listing)
  const isUnsold = listing.status === 'unsold' || listing.status === 'terminated'
  const steps: Omit<Step, 'state'>[] = [
    { key: 'review', words: t('public.step_review'), time: shortDate(listing.submitted_at) },
    { key: 'published', words: t('public.step_published'), time: shortDate(listing.published_at) },
    isSoldToMany(listing)
      ? { key: 'disclosure', words: t('licence.step_taking'), time: t('common.until', { time: dateTime(listing.closes_at, now) }), help: t('licence.step_taking_help') }
      : { key: 'disclosure', words: t('public.step_disclosure'), time: t('common.until', { time: dateTime(firstMoment(listing), now) }), help: t('public.step_disclosure_help') },
    { key: 'bidding', words: t('public.step_bidding'), time: dateTime(listing.auction?.ends_at ?? listing.closes_at, now) },
    { key: 'deal', words: isUnsold ? t(`common.listing_${listing.status}`) : t('public.step_deal') },
    { key: 'contract', words: t('public.step_contract') },
  ]
  const upTo = isUnsold ? 5 : steps.length
  const isWithout = listing.method === 'negotiated' || isSoldToMany(listing) || (listing.method === 'listed' && !listing.auction && at > 2)
  const shown = steps.slice(0, upTo).map((step, index): Step => {
    const state = index < at ? 'done' : index === at ? 'now' : 'next'
    const { help, ...rest } = step
    return state === 'now' && help ? { ...rest, help, state } : { ...rest, state }
  })
  return shown.filter((step) => step.key !== 'bidding' || !isWithout)
}

/** Whole years and months from now to a day: 剩 5 年 5 个月. */
export function termLeft(expiresOn: string, now: number): { years: number; months: number } | null {
  const end = new Date(`${expiresOn}T00:00:00+08:00`)
  const months = (end.getFullYear() - new Date(now).getFullYear()) * 12 + end.getMonth() - new Date(now).getMonth() - (end.getDate() < new Date(now).getDate() ? 1 : 0)
  return end.getTime() <= now ? null : { years: Math.trunc(months / 12), months: months % 12 }
}
