import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { inOrder, releaseIssues } from './release-plan.ts'

const pack = (name: string, version = '1.0.0', dependencies: Record<string, string> = {}) => ({
  name,
  version,
  manifest: { dependencies },
})
const ready = {
  packages: [pack('base'), pack('cli', '1.0.0', { base: '1.0.0', commander: '^14.0.0' })],
  isClean: true,
  changesets: [],
  changelog: '# Changelog\n\n## 1.0.0 (2026-12-01)\n',
  repository: 'owner/hadal',
  hasIdentity: true,
  isPublishing: true,
}

describe('a release', () => {
  it('goes when nothing stands in its way', () => {
    expect(releaseIssues(ready)).toEqual([])
  })

  it.each([
    ['not committed', { isClean: false }],
    ['changesets wait: brave-cats', { changesets: ['brave-cats'] }],
    ['2 versions: 1.0.0, 1.0.1', { packages: [pack('base'), pack('cli', '1.0.1')] }],
    ['cli wants base 0.9.0', { packages: [pack('base'), pack('cli', '1.0.0', { base: '0.9.0' })] }],
    ['CHANGELOG.md has no', { changelog: '## 1.0.0, not released yet' }],
    ['GITHUB_REPOSITORY is not set', { repository: undefined }],
    ['id-token: write', { hasIdentity: false }],
  ])('says what is wrong: %s', (issue, change) => {
    expect(releaseIssues({ ...ready, ...change })).toEqual([expect.stringContaining(issue)])
  })

  it('that only tries wants no identity', () => {
    expect(
      releaseIssues({ ...ready, isPublishing: false, hasIdentity: false, repository: undefined }),
    ).toEqual([])
  })
})

describe('the order of packages', () => {
  it('has each once, after all that it stands on', () => {
    // Package i may stand on those before it; they are given in any order.
    const house = fc
      .array(fc.array(fc.nat(20), { maxLength: 4 }), { minLength: 1, maxLength: 12 })
      .map((rows) =>
        rows.map((below, i) =>
          pack(
            `p${i}`,
            '1.0.0',
            Object.fromEntries(below.filter((j) => j < i).map((j) => [`p${j}`, '1.0.0'])),
          ),
        ),
      )
    fc.assert(
      fc.property(
        house.chain((rows) => fc.shuffledSubarray(rows, { minLength: rows.length })),
        (rows) => {
          const names = inOrder(rows).map(({ name }) => name)
          expect([...names].sort()).toEqual(rows.map(({ name }) => name).sort())
          for (const { name, manifest } of rows) {
            for (const below of Object.keys(manifest.dependencies))
              expect(names.indexOf(below)).toBeLessThan(names.indexOf(name))
          }
        },
      ),
    )
  })
})
