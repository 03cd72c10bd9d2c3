/** The solids that stand before a state's word, so that nothing rests on colour. */
export type Mark = 'lead' | 'out' | 'half' | 'ring' | 'dot' | 'check' | 'clock' | 'end' | 'stop'
export type Tone = 'live' | 'wait' | 'ok' | 'bad' | 'rise' | 'act' | 'mine' | 'soon' | 'end'
export type IconName =
  | 'search' | 'menu' | 'close' | 'doc' | 'back' | 'next' | 'sound' | 'mute' | 'moon' | 'sun' | 'upload' | 'download'
