/** The one place for colour, type, space and shape. tokens.css is written from here; Naive UI is given the same values. */

export interface Palette {
  bg: string
  surface: string
  sunken: string
  line: string
  lineStrong: string
  inverse: string
  onInverse: string
  ink: string
  ink2: string
  ink3: string
  brand: string
  brandHover: string
  brandPress: string
  brandSoft: string
  onBrand: string
  rise: string
  riseSoft: string
  fall: string
  lead: string
  leadSoft: string
  outbid: string
  outbidSoft: string
  outbidFill: string
  onOutbidFill: string
  ok: string
  okSoft: string
  danger: string
  dangerSoft: string
  focus: string
  shadowOver: string
}

export const light: Palette = {
  bg: '#f3f5f6',
  surface: '#ffffff',
  sunken: '#eaeef0',
  line: '#d8dee2',
  lineStrong: '#76828a',
  inverse: '#16232d',
  onInverse: '#ffffff',
  ink: '#16222c',
  ink2: '#45535e',
  ink3: '#5d6a74',
  brand: '#0b5a70',
  brandHover: '#084a5d',
  brandPress: '#063a49',
  brandSoft: '#e3eff2',
  onBrand: '#ffffff',
  rise: '#bd2f1b',
  riseSoft: '#fbebe7',
  fall: '#1a7346',
  lead: '#0b5a70',
  leadSoft: '#e3eff2',
  outbid: '#8a4a00',
  outbidSoft: '#fff0d4',
  outbidFill: '#f4ae3d',
  onOutbidFill: '#2b1a00',
  ok: '#1a6b47',
  okSoft: '#e4f2ea',
  danger: '#a5133f',
  dangerSoft: '#fbe8ee',
  focus: '#0a62d0',
  shadowOver: '0 8px 24px rgb(15 30 40 / .16), 0 1px 3px rgb(15 30 40 / .12)',
}

export const dark: Palette = {
  bg: '#0e1417',
  surface: '#161e22',
  sunken: '#1d272c',
  line: '#2d3a41',
  lineStrong: '#72818a',
  inverse: '#eef2f4',
  onInverse: '#121a1f',
  ink: '#e9eef0',
  ink2: '#b3bfc5',
  ink3: '#93a1a8',
  brand: '#5cb7cd',
  brandHover: '#7bc8da',
  brandPress: '#97d6e4',
  brandSoft: '#15323b',
  onBrand: '#06222b',
  rise: '#ff8a75',
  riseSoft: '#3a1f1a',
  fall: '#67c793',
  lead: '#6cc3d7',
  leadSoft: '#15323b',
  outbid: '#f4b653',
  outbidSoft: '#362910',
  outbidFill: '#f0ab3e',
  onOutbidFill: '#2b1a00',
  ok: '#6ecb98',
  okSoft: '#16301f',
  danger: '#ff8aa8',
  dangerSoft: '#3a1a25',
  focus: '#7db5ff',
  shadowOver: '0 8px 24px rgb(0 0 0 / .5), 0 0 0 1px #2d3a41',
}

export const fonts = {
  ui: '-apple-system, "Segoe UI", Roboto, "PingFang SC", "HarmonyOS Sans SC", "MiSans", "Microsoft YaHei UI", "Microsoft YaHei", "Noto Sans CJK SC", "Source Han Sans SC", sans-serif',
  doc: '"Songti SC", "STSong", "SimSun", "Noto Serif CJK SC", "Source Han Serif SC", serif',
  mono: 'ui-monospace, "SF Mono", "Cascadia Mono", Consolas, "Noto Sans Mono CJK SC", monospace',
}

const sizes = [12, 13, 14, 16, 18, 22, 28, 40, 56]
const steps = [1, 2, 3, 4, 5, 6, 8, 10, 12]

/** Shape, space, density and motion: the same in both themes. */
const still: Record<string, string> = {
  'font-ui': fonts.ui,
  'font-doc': fonts.doc,
  'font-mono': fonts.mono,
  ...Object.fromEntries(sizes.map((px) => [`t-${px}`, `${px / 16}rem`])),
  'lh-tight': '1.2',
  'lh-ui': '1.5',
  'lh-read': '1.75',
  ...Object.fromEntries(steps.map((n) => [`s-${n}`, `${n * 4}px`])),
  'r-1': '2px',
  'r-2': '4px',
  'r-3': '6px',
  row: '48px',
  control: '36px',
  'cell-x': '12px',
  fs: 'var(--t-14)',
  'control-touch': '44px',
  quick: '120ms',
  settle: '240ms',
  ease: 'cubic-bezier(.2, 0, 0, 1)',
  content: '1264px',
  gutter: '24px',
}

const kebab = (name: string) => name.replace(/([a-z])([A-Z0-9])/g, '$1-$2').toLowerCase()

const declare = (values: Record<string, string>, indent: string) =>
  Object.entries(values)
    .map(([name, value]) => `${indent}--${kebab(name)}: ${value};`)
    .join('\n')

/** tokens.css: light is the default; dark follows the system unless <html data-theme> says otherwise. */
export function tokensCss(): string {
  const darkColours = (indent: string) => `${indent}color-scheme: dark;\n${declare({ ...dark }, indent)}`
  return `/* Written from tokens.ts by the build. Change it there. */
:root {
  color-scheme: light;
${declare({ ...light }, '  ')}
${declare(still, '  ')}
}

[data-density="desk"] { --row: 36px; --control: 32px; --cell-x: 10px; --fs: var(--t-13); }

@media (max-width: 640px) { :root { --gutter: 16px; } }

:root[data-theme="dark"] {
${darkColours('  ')}
}

@media (prefers-color-scheme: dark) {
  :root:not([data-theme="light"]) {
${darkColours('    ')}
  }
}

@media (prefers-reduced-motion: reduce) { :root { --quick: 0ms; --settle: 0ms; } }
`
}
