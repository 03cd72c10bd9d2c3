import type { GlobalThemeOverrides } from 'naive-ui'
import { fonts, type Palette } from './tokens'

type Hue = 'info' | 'success' | 'warning' | 'error'

const hue = <N extends Hue>(name: N, colour: string) =>
  ({
    [`${name}Color`]: colour,
    [`${name}ColorHover`]: colour,
    [`${name}ColorPressed`]: colour,
    [`${name}ColorSuppl`]: colour,
  }) as Record<`${N}Color${'' | 'Hover' | 'Pressed' | 'Suppl'}`, string>

/** Naive UI mixes its common colours in script, so they must be real values and not var(). */
export const naiveOverrides = (t: Palette): GlobalThemeOverrides => ({
  common: {
    fontFamily: fonts.ui, fontFamilyMono: fonts.mono, fontSize: '14px', fontSizeMedium: '14px', fontSizeSmall: '13px',
    fontWeightStrong: '600', lineHeight: '1.5', borderRadius: '4px', borderRadiusSmall: '2px', heightSmall: '32px',
    heightMedium: '36px', heightLarge: '48px', cubicBezierEaseInOut: 'cubic-bezier(.2,0,0,1)',
    primaryColor: t.brand, primaryColorHover: t.brandHover, primaryColorPressed: t.brandPress, primaryColorSuppl: t.brandHover,
    ...hue('info', t.brand), ...hue('success', t.ok), ...hue('warning', t.outbid), ...hue('error', t.danger),
    baseColor: t.onBrand, bodyColor: t.bg, cardColor: t.surface, modalColor: t.surface, popoverColor: t.surface,
    tableColor: t.surface, tableHeaderColor: t.sunken, inputColor: t.surface, inputColorDisabled: t.sunken, actionColor: t.sunken,
    textColorBase: t.ink, textColor1: t.ink, textColor2: t.ink, textColor3: t.ink2, placeholderColor: t.ink3,
    borderColor: t.lineStrong, dividerColor: t.line, invertedColor: t.inverse, boxShadow1: 'none',
  },
  Button: {
    fontWeight: '500', rippleDuration: '0s', textColorPrimary: t.onBrand, textColorHoverPrimary: t.onBrand,
    textColorPressedPrimary: t.onBrand, textColorFocusPrimary: t.onBrand, border: '1px solid var(--line-strong)',
  },
  Input: {
    border: '1px solid var(--line-strong)', borderHover: '1px solid var(--ink-2)', borderFocus: '1px solid var(--focus)',
    boxShadowFocus: '0 0 0 1px var(--focus)', borderError: '1px solid var(--danger)', boxShadowFocusError: '0 0 0 1px var(--danger)',
  },
})
