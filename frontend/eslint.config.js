import pluginVue from 'eslint-plugin-vue'
import tseslint from 'typescript-eslint'
import vueParser from 'vue-eslint-parser'

const noHex = {
  meta: { type: 'problem', schema: [], messages: { hex: 'Colours come from tokens: use var(--…).' } },
  create(context) {
    // The whole text is searched, so that styles, templates and scripts are all covered.
    const hits = [...context.sourceCode.text.matchAll(/#(?:[0-9a-fA-F]{8}|[0-9a-fA-F]{6}|[0-9a-fA-F]{3,4})\b(?=[\s;,)'"`])/g)]
    for (const hit of hits) {
      context.report({ loc: context.sourceCode.getLocFromIndex(hit.index), messageId: 'hex' })
    }
    return {}
  },
}

export default tseslint.config(
  { ignores: ['dist/**', 'node_modules/**', 'src/api/schema.d.ts'] },
  ...tseslint.configs.strict,
  ...pluginVue.configs['flat/recommended'],
  {
    files: ['**/*.vue'],
    languageOptions: { parser: vueParser, parserOptions: { parser: tseslint.parser, sourceType: 'module' } },
  },
  {
    plugins: { house: { rules: { 'no-hex': noHex } } },
    rules: {
      'max-lines': ['error', { max: 400 }],
      'max-lines-per-function': ['error', { max: 90, skipBlankLines: true, skipComments: true }],
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-console': 'error',
      // Taking a member out of an object names it; an underscore says that it is only taken out.
      '@typescript-eslint/no-unused-vars': ['error', { varsIgnorePattern: '^_', argsIgnorePattern: '^_' }],
      'no-eval': 'error',
      'vue/no-v-html': 'error',
      // vue-tsc checks undefined names and properties; these three would only fight the formatting of dense rows.
      'vue/max-attributes-per-line': 'off',
      'vue/singleline-html-element-content-newline': 'off',
      'vue/html-self-closing': 'off',
      'vue/multi-word-component-names': 'off',
      'vue/require-default-prop': 'off',
      'vue/html-closing-bracket-newline': 'off',
      'vue/multiline-html-element-content-newline': 'off',
      'vue/html-indent': 'off',
      'vue/first-attribute-linebreak': 'off',
    },
  },
  { files: ['src/**/*.vue', 'src/**/*.ts'], ignores: ['src/design/tokens.ts'], rules: { 'house/no-hex': 'error' } },
)
