import { DEPOSIT, type State } from '@/components/states'
import type { DepositStatus } from './shapes'

const CANCELLED: State = { word: 'buyer.state_cancelled', mark: 'end', tone: 'end' }

/** A deposit that was never paid and is no longer wanted stands beside the four states of paid ones. */
export const depositState = (status: DepositStatus): State => (status === 'cancelled' ? CANCELLED : DEPOSIT[status])
