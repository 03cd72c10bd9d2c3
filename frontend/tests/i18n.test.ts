import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'

const languages = import.meta.glob<{ default: Record<string, string> }>('../src/i18n/*/*.ts', { eager: true })
const areas = readdirSync('src/i18n/zh').map((file) => file.replace('.ts', ''))

const words = (language: 'zh' | 'en', area: string): Record<string, string> => {
  const module = languages[`../src/i18n/${language}/${area}.ts`]
  if (!module) throw new Error(`${language}/${area} is missing`)
  return module.default
}
const holes = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '').sort()

describe.each(areas)('dictionary %s', (area) => {
  it('has the same keys in both languages, in the same order', () => {
    expect(Object.keys(words('en', area))).toEqual(Object.keys(words('zh', area)))
  })

  it('has the same holes in both languages and no empty text', () => {
    for (const [key, text] of Object.entries(words('zh', area))) {
      const english = words('en', area)[key] ?? ''
      expect([key, ...holes(english)]).toEqual([key, ...holes(text)])
      expect(text.trim(), key).not.toBe('')
      expect(english.trim(), key).not.toBe('')
    }
  })

  it('never uses the licensed word for a sale by bidding, and shouts nowhere', () => {
    for (const text of Object.values(words('zh', area))) {
      expect(text).not.toMatch(/拍卖|拍品|拍得|！|请稍候|系统错误/)
    }
  })
})

describe('tokens', () => {
  it('tokens.css is what the token object says', async () => {
    const { tokensCss } = await import('../src/design/tokens')
    expect(readFileSync('src/design/tokens.css', 'utf8')).toBe(tokensCss())
  })
})
