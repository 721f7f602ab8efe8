import { describe, expect, it } from 'vitest'
import { packedIssues } from './packed-files.ts'

const manifest = {
  name: '@hadal/x',
  exports: {
    '.': { '@hadal/source': './src/index.ts', types: './dist/index.d.ts', default: './dist/index.js' },
    './package.json': './package.json',
  },
  bin: { x: './bin/x.js' },
}
const whole = ['package.json', 'README.md', 'LICENSE', 'dist/index.js', 'dist/index.d.ts', 'bin/x.js']

describe('a packed package', () => {
  it('holds what it promises', () => {
    expect(packedIssues(manifest, whole)).toEqual([])
  })

  it.each(['LICENSE', 'dist/index.d.ts', 'bin/x.js'])('has an issue without %s', (missing) => {
    const issues = packedIssues(
      manifest,
      whole.filter((path) => path !== missing),
    )
    expect(issues).toHaveLength(1)
    expect(issues[0]).toContain(missing)
  })

  it.each([
    'src/index.ts',
    'dist/.tsbuildinfo',
    'dist/x.test.js',
    'test/x.test.ts',
    '.env',
    'build/hadal-tensor.node',
    'dist/main.js.map',
  ])('has no business with %s', (path) => {
    expect(packedIssues(manifest, [...whole, path])).toEqual([`@hadal/x: ${path} is no business of users`])
  })
})
