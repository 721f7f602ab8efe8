import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { pathText, readManifests } from './read-manifests.ts'

const read = (text: string, path = 'a.yaml') => readManifests([{ path, text }])
const rulesOf = (text: string, path?: string) =>
  read(text, path).findings.map(({ rule, line }) => `${rule}:${line}`)
const objectOf = (text: string) => read(text).objects[0]!.manifest as unknown as Record<string, never>

const head = 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n'

describe('plain words, as kubectl reads them', () => {
  test.each([
    ['y', true],
    ['No', false],
    ['off', false],
    ['tRUE', 'tRUE'],
    ['08', 8],
    ['0777', 511],
    ['0o17', 15],
    ['0x1F', 31],
    ['0b11', 3],
    ['1_000', 1000],
    ['-0o7', -7],
    ['1e3', 1000],
    ['.5', 0.5],
    ['1.10', 1.1],
    ['12:30', '12:30'],
    ['2001-01-01', '2001-01-01'],
    ['~', null],
    ['"1"', '1'],
    ['!!str 5', '5'],
    ['0xZ', '0xZ'],
    ['1e', '1e'],
    ['=', '='],
  ])('%s', (word, value) => expect(objectOf(`${head}data: {k: ${word}}`).data).toEqual({ k: value }))

  test('a key that is true for YAML', () =>
    expect(objectOf(`${head}data:\n  on: x\n`).data).toEqual({ true: 'x' }))
})

describe('forms of files', () => {
  test('several documents, comments, empty ones', () => {
    const { objects, findings } = read(`# first\n---\n${head}---\n---\n# nothing\n---\n${head}...\n`)
    expect(findings).toEqual([])
    expect(objects.map((object) => object.lineOf(['metadata', 'name']))).toEqual([5, 12])
  })
  test('a list of objects, each with its own lines', () => {
    const { objects } = read(
      `apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: Pod\n  metadata:\n    name: a\n`,
    )
    expect(objects[0]!.manifest.kind).toBe('Pod')
    expect(objects[0]!.lineOf(['metadata', 'name'])).toBe(7)
    expect(objects[0]!.lineOf(['spec', 'containers', 0])).toBe(4)
  })
  test('JSON with tabs, a mark of byte order, lines of Windows', () => {
    const text = `\uFEFF{\r\n\t"apiVersion": "v1",\r\n\t"kind": "Pod",\r\n\t"metadata": {"name": "a"}\r\n}`
    expect(read(text).findings).toEqual([])
    expect(read(text).objects[0]!.lineOf(['metadata', 'name'])).toBe(4)
  })
  test('anchors and merge keys', () => {
    const text = `${head}data: &d {a: b}\nbinaryData:\n  <<: *d\n  c: e\n`
    expect(objectOf(text).binaryData).toEqual({ a: 'b', c: 'e' })
    expect(read(text).objects[0]!.lineOf(['binaryData', 'a'])).toBe(4)
    expect(read(text).findings).toEqual([])
  })
  test('an empty file, a file of comments', () => {
    expect(read('')).toEqual({ objects: [], findings: [] })
    expect(read('# nothing\n')).toEqual({ objects: [], findings: [] })
  })
})

describe('what cannot be read', () => {
  test.each([
    ['a key twice', `${head}data:\n  a: "1"\n  a: "2"\n`, 'duplicate_key:6'],
    ['a tab', `${head}data:\n\ta: "1"\n`, 'yaml_syntax:5'],
    ['bad indentation', `${head}data:\n    a: b\n  c: d\n`, 'yaml_syntax:6'],
    ['an open bracket', `${head}data: {a: b\n`, 'yaml_syntax:5'],
    ['infinity', `${head}data: {a: .inf}\n`, 'yaml_syntax:4'],
    ['no kind', 'apiVersion: v1\nmetadata: {name: a}\n', 'no_kind:1'],
    ['a list', '- a\n- b\n', 'not_an_object:1'],
    ['a word', 'hello\n', 'not_an_object:1'],
    ['binary data', `PNG\u0000\u0001${head}`, 'not_text:1'],
    ['a template', `${head}data:\n  a: {{ .Values.a }}\n`, 'helm_template:5'],
    ['a template with a block', `{{- if .Values.on }}\n${head}{{- end }}\n`, 'helm_template:1'],
    ['an alias of nothing', `${head}data: *nothing\n`, 'yaml_syntax:4'],
    ['many aliases', `a: &a [1,2,3,4,5,6,7,8,9]\n${bomb()}`, 'alias_bomb:1'],
    ['an alias of itself', `${head}data: &a {b: *a}\n`, 'alias_bomb:1'],
  ])('%s', (_, text, finding) => expect(rulesOf(text)).toEqual([finding]))

  test('a file of 50 MB is said to be too large, at once', () =>
    expect(rulesOf('x'.repeat(50 * 1024 * 1024))).toEqual(['too_large:1']))
  test.each([
    ['<<<<<<< HEAD\na: 1\n=======\na: 2\n>>>>>>> other\n', 1, /merge conflict/],
    ['a:\n  - name: x\n\u00A0   image: y\n    cmd: z\n', 3, /U\+00A0/],
    ['schedule: * * * * *\n', 1, /alias/],
  ])('slips of people are named: %j', (text, line, reason) => {
    const found = read(text).findings[0]!
    expect([found.rule, found.line, found.reason]).toEqual([
      'yaml_syntax',
      line,
      expect.stringMatching(reason),
    ])
  })
  test('two objects without a separator are one error', () => {
    const found = read(
      'apiVersion: v1\nkind: A\nmetadata: {}\napiVersion: v1\nkind: B\nmetadata: {}\n',
    ).findings
    expect(found.map(({ rule, line, fix }) => [rule, line, fix])).toEqual([
      ['duplicate_key', 4, 'Put --- on its own line before this line.'],
    ])
  })
  test('a pile of brackets', () =>
    expect(read('['.repeat(20_000)).findings[0]!.reason).toBe('brackets are nested too deep'))
  test('text for people in braces is no template', () =>
    expect(rulesOf(`${head}data: {a: "{{ $labels.pod }}"}\n`)).toEqual([]))
})

function bomb(): string {
  const letters = 'abcdefghi'
  return [...letters]
    .slice(1)
    .map((letter, index) => `${letter}: &${letter} [${Array(9).fill(`*${letters[index]}`).join(',')}]`)
    .join('\n')
}

describe('kustomizations', () => {
  const patch = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: a}\nspec: {replicas: 2}\n'
  test('are no objects, and neither are their patches', () => {
    const files = [
      {
        path: 'over/prod/kustomization.yaml',
        text: 'resources: [../../base]\npatches: [{path: ./patch.yaml}]\ntransformers: [label.yaml]\n',
      },
      { path: 'over/prod/label.yaml', text: 'apiVersion: builtin\nkind: LabelTransformer\n' },
      { path: 'over/prod/patch.yaml', text: patch },
      { path: 'base/deployment.yaml', text: patch },
    ]
    const { objects, findings } = readManifests(files)
    expect(findings).toEqual([])
    expect(objects.map(({ file }) => file)).toEqual(['base/deployment.yaml'])
  })
  test('have their own fields', () =>
    expect(rulesOf('resource: [a.yaml]\nimages: {}\n', 'kustomization.yaml')).toEqual([
      'unknown_field:1',
      'wrong_type:2',
    ]))
})

test('paths are written as people read them', () =>
  expect(pathText(['spec', 'containers', 0, 'limits', 'nvidia.com/gpu'])).toBe(
    'spec.containers[0].limits["nvidia.com/gpu"]',
  ))

describe('whatever the text is', () => {
  const pieces = fc.constantFrom(
    'apiVersion: v1\n',
    'kind: Pod\n',
    'metadata:\n',
    '  name: a\n',
    '- ',
    '---\n',
    '{',
    '}',
    '[',
    ']',
    '&a ',
    '*a',
    '<<: ',
    ': ',
    '\n',
    '  ',
    '\t',
    '"',
    "'",
    '|\n',
    '>-\n',
    '!!int ',
    '!x ',
    '#',
    '? ',
    '%',
    '@',
    '{{ .Values.a }}',
    '\u0000',
    'é',
    '~',
  )
  test('it is read without a throw, in lines that are there', () => {
    fc.assert(
      fc.property(
        fc.oneof(
          fc.array(pieces, { maxLength: 40 }).map((all) => all.join('')),
          fc.string({ unit: 'binary' }),
        ),
        (text) => {
          const { objects, findings } = read(text)
          const lines = text.split('\n').length
          for (const { line } of findings) expect(line >= 1 && line <= lines).toBe(true)
          for (const object of objects) expect(object.lineOf(['spec', 'a', 0]) <= lines).toBe(true)
        },
      ),
      { numRuns: 300 },
    )
  })
})
