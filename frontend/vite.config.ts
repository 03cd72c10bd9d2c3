import { readFileSync, writeFileSync } from 'node:fs'
import { fileURLToPath, URL } from 'node:url'
import vue from '@vitejs/plugin-vue'
import type { Plugin } from 'vite'
import { defineConfig } from 'vitest/config'
import { tokensCss } from './src/design/tokens.ts'

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url))

/** Keeps src/design/tokens.css equal to the token object, so that a value is written in one place only. */
function tokens(): Plugin {
  return {
    name: 'design-tokens',
    buildStart() {
      const file = here('./src/design/tokens.css')
      const wanted = tokensCss()
      let present = ''
      try {
        present = readFileSync(file, 'utf8')
      } catch {
        // The first build on a fresh checkout writes it.
      }
      if (present !== wanted) writeFileSync(file, wanted)
    },
  }
}

// The Host stays the browser's own: the server compares it with the Origin.
const proxy = { '/api': { target: process.env.MARKET_API ?? 'http://127.0.0.1:8000', ws: true, changeOrigin: false } }

export default defineConfig({
  plugins: [vue(), tokens()],
  resolve: { alias: { '@': here('./src') } },
  server: { port: 5173, proxy },
  preview: { proxy },
  build: {
    target: 'es2022',
    // Nothing inline: the content security policy has no data: for scripts and no inline script.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  test: { environment: 'node', include: ['tests/**/*.test.ts'], setupFiles: ['tests/page.setup.ts'] },
})
