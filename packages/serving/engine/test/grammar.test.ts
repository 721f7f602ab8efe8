import { fileURLToPath } from 'node:url'
import { createLlamaEngine, type Engine } from '@hadal/engine'
import fc from 'fast-check'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { runs } from '../../../kernel/base/test/slow-tests.ts'
import { ask, collect, type OpenEngine, openEngine } from './open-engine.ts'
import { chainOf, tokens } from './tiny-model.ts'

const nano = fileURLToPath(new URL('../../../../models/nano/nano-q8_0.gguf', import.meta.url))

/** Limits lengths and nesting, so that the text ends before the context does. */
const shortJson = `
root    ::= "{" ws (member ("," ws member){0,2})? "}"
member  ::= string ":" ws (string | number | list | "true" | "false" | "null")
list    ::= "[" ws (item ("," ws item){0,2})? "]"
item    ::= string | number
string  ::= "\\"" ([^"\\\\\\x7F\\x00-\\x1F] | "\\\\" (["\\\\bfnrt] | "u" [0-9a-fA-F]{4})){0,6} "\\""
number  ::= "-"? ("0" | [1-9] [0-9]{0,3}) ("." [0-9]{1,3})?
ws      ::= " "?
`

/** Finite grammars and equivalent regular expressions. */
const part = fc.constantFrom(
  ['"a"', 'a'],
  ['[ab]', '[ab]'],
  ['("the" | "then" | "th")', '(the|then|th)'],
  ['("ab"? "c"){1,3}', '((ab)?c){1,3}'],
  ['[0-9]{2,5}', '[0-9]{2,5}'],
  ['"é🙂"?', '(é🙂)?'],
  ['[é-ü]{0,2}', '[é-ü]{0,2}'],
  ['[^a-z]', '[^a-z]'],
  ['. "."', '(.|\\n)\\.'],
  ['("" | " t" | " th")', '(| t| th)'],
)
const grammars = fc.array(part, { minLength: 1, maxLength: 5 }).map((parts) => ({
  gbnf: `root ::= ${parts.map(([gbnf]) => gbnf).join(' ')}`,
  pattern: new RegExp(`^(?:${parts.map(([, pattern]) => pattern).join('')})$`, 'su'),
}))

describe.each([
  ['random bytes', undefined],
  ['the bundled model', nano],
] as const)('text of %s under a grammar', (_, modelPath) => {
  let open: OpenEngine | undefined
  let engine: Engine

  beforeAll(async () => {
    if (modelPath === undefined) {
      open = openEngine({ maxBatchSize: 8, contextLength: 512 })
      engine = open.engine
    } else engine = createLlamaEngine({ modelPath, threads: 1, maxBatchSize: 8 })
    await engine.ready()
  })
  afterAll(async () => {
    await (open ?? engine)[Symbol.asyncDispose]()
  })

  it('is what the grammar describes', async () => {
    await fc.assert(
      fc.asyncProperty(
        grammars,
        fc.integer({ min: 0, max: 1000 }),
        fc.constantFrom(0, 1, 3),
        async ({ gbnf, pattern }, seed, temperature) => {
          const request = ask('The', { grammar: { gbnf }, sampling: { seed, temperature } })
          const { text, finishReason } = await collect(engine.generate(request))
          expect(finishReason).toBe('stop')
          expect(text).toMatch(pattern)
        },
      ),
      { numRuns: runs(20, 60) },
    )
  })

  it('is JSON', async () => {
    const answers = await Promise.all(
      Array.from({ length: 24 }, (_, seed) => {
        const sampling = { seed, temperature: seed, topK: 0, topP: 1, minP: 0 }
        return collect(engine.generate(ask('JSON:', { grammar: { gbnf: shortJson }, sampling })))
      }),
    )
    for (const { text, finishReason } of answers) {
      expect(finishReason).toBe('stop')
      expect(JSON.parse(text)).toBeTypeOf('object')
    }
    expect(new Set(answers.map(({ text }) => text)).size).toBeGreaterThan(10)
  })
})

let open: OpenEngine | undefined
afterEach(async () => {
  await open?.[Symbol.asyncDispose]()
  open = undefined
})

/** A model that emits a chain of tokens, and then ends. */
const sayer = (chain: Record<number, number>) => {
  open = openEngine({ maxBatchSize: 2, contextLength: 128 }, { chain })
  return (more: Parameters<typeof ask>[1] = {}) =>
    collect(open!.engine.generate(ask('', { maxTokens: 40, ...more })))
}
const [bos, eos, the, user] = [tokens.bos, tokens.eos, tokens.the, tokens.user]
const code = (character: string) => character.codePointAt(0)!

describe('biases under a grammar', () => {
  it('count among the tokens that it permits, with any others', async () => {
    await using open = openEngine()
    const grammar = { gbnf: 'root ::= [xyz]{6}' }
    const say = async (biases: readonly (readonly [number, number])[]) => {
      const sampling = { temperature: 0, logitBias: new Map(biases) }
      return (await collect(open.engine.generate(ask('a', { grammar, sampling })))).text
    }
    const all = Array.from({ length: 261 }, (_, token) => [token, -50] as const)
    for (const letter of 'xyz') {
      expect(await say([[code(letter), 100]])).toBe(letter.repeat(6))
      expect(await say([...all, [code(letter), 50]])).toBe(letter.repeat(6))
    }
    expect(await say(all)).toBe(await say([]))
    expect(await say([[code('q'), 1000]])).toBe(await say([]))
  })
})

describe('the end of a text', () => {
  it('comes only where the grammar ends, however much the model wants it', async () => {
    const say = sayer({ [bos]: eos })
    expect(await say({ grammar: { gbnf: 'root ::= "one" | "two"' } })).toMatchObject({
      text: expect.stringMatching(/^(one|two)$/),
      finishReason: 'stop',
    })
  })

  it('comes at once where nothing can follow, however much the model wants to go on', async () => {
    const say = sayer({ ...chainOf('abc'), [code('c')]: code('a') })
    const answer = await say({ grammar: { gbnf: 'root ::= "abcab"' } })
    expect(answer).toMatchObject({ text: 'abcab', finishReason: 'stop', usage: { completionTokens: 5 } })
    const ignoring = await say({ grammar: { gbnf: 'root ::= "abcab"' }, ignoreEos: true, minTokens: 20 })
    expect(ignoring).toMatchObject({ text: 'abcab', finishReason: 'stop' })
  })

  it('is the choice of the model where more could follow', async () => {
    const say = sayer(chainOf('ab'))
    expect(await say({ grammar: { gbnf: 'root ::= [a-z]+' } })).toMatchObject({
      text: 'ab',
      finishReason: 'stop',
      stopToken: eos,
    })
  })

  it('comes where the vocabulary has no token for what must follow', async () => {
    open = openEngine({ maxBatchSize: 1 }, { vocabulary: 'sentencepiece without bytes' })
    const answer = await collect(open.engine.generate(ask('a', { grammar: { gbnf: 'root ::= "b" "é"' } })))
    expect(answer).toMatchObject({ text: 'b', finishReason: 'stop', usage: { completionTokens: 1 } })
  })
})

describe('a grammar that begins later', () => {
  const digits = { after: ['b'], gbnf: 'root ::= "b" [0-9]{2}' }

  it('leaves alone what comes before', async () => {
    const say = sayer(chainOf('xyzabc'))
    expect(await say({ grammar: digits })).toMatchObject({
      text: expect.stringMatching(/^xyzab\d\d$/),
      finishReason: 'stop',
    })
    expect((await say({ grammar: { ...digits, after: ['q', 'zab'], gbnf: 'root ::= "zab!"' } })).text).toBe(
      'xyzab!',
    )
  })

  it('never begins where its text never comes', async () => {
    const say = sayer(chainOf('xyz'))
    expect(await say({ grammar: digits })).toMatchObject({ text: 'xyz', stopToken: eos })
  })

  it('begins amid a token', async () => {
    const say = sayer({ [bos]: the, [the]: code('x') })
    expect((await say({ grammar: { after: ['h'], gbnf: 'root ::= "he!"' } })).text).toBe('the!')
  })

  it('refuses a token with its text and something that does not fit', async () => {
    const say = sayer({ [bos]: the, [the]: eos })
    const { ids, text } = await say({ grammar: { after: ['h'], gbnf: 'root ::= "hi"' } })
    expect(ids).not.toContain(the)
    expect(text.replace(/hi$/, '')).not.toContain('h')
  })

  it('begins with a control token, shown or not', async () => {
    const say = sayer({ ...chainOf('a'), [code('a')]: user, [user]: code('q') })
    const grammar = { after: ['<user>'], gbnf: 'root ::= "<user>" [0-9] "<user>"' }
    expect((await say({ grammar, controlText: true })).text).toMatch(/^a<user>\d<user>$/)
    expect((await say({ grammar: { ...grammar, gbnf: 'root ::= "<user>" "42"' } })).text).toBe('a42')
  })
})

describe('tokens in a grammar', () => {
  it('are named by their text or their number', async () => {
    const say = sayer(chainOf('ab'))
    const answer = await say({ grammar: { gbnf: `root ::= "b" <user> <[${the}]> !<[${code('a')}]>` } })
    expect(answer.ids.slice(0, 3)).toEqual([code('b'), user, the])
    expect(answer.ids[3]).not.toBe(code('a'))
    expect(answer.ids).toHaveLength(4)
  })

  it('that mean something are no characters unless they are shown', async () => {
    const say = sayer({ [bos]: user, [user]: code('a') })
    expect((await say({ grammar: { gbnf: 'root ::= .{7}' }, controlText: true })).ids[0]).toBe(user)
    expect((await say({ grammar: { gbnf: 'root ::= .{7}' } })).ids).not.toContain(user)
  })
})

describe('a grammar that cannot be followed', () => {
  it.each([
    ['root ::= "a" b', 'the rule b is used and not defined'],
    ['root ::= root "a" | "b"', 'begins with itself'],
    ['root ::=\n  "a', 'line 2'],
    ['', 'no rule named root'],
    ['root ::= <nothing>', '<nothing> is no token'],
    ['root ::= <[261]>', '<[261]> is no token'],
  ])('is refused: %s', async (gbnf, why) => {
    const say = sayer({})
    await expect(say({ grammar: { gbnf } })).rejects.toMatchObject({
      code: 'invalid_grammar',
      status: 400,
      message: expect.stringContaining(why),
    })
  })

  it('ends its own sequence where a text can be read in too many ways, and no other', async () => {
    const say = sayer({ [bos]: code('a'), [code('a')]: code('a') })
    const other = say({ maxTokens: 100 })
    const tooMany = Array.from({ length: 2100 }, (_, at) => `"a" "${at.toString(36)}"`).join(' | ')
    for (const gbnf of [`root ::= ${tooMany}`, `root ::= "a" (${tooMany})`, `root ::= "x" (${tooMany})`])
      await expect(say({ grammar: { gbnf } })).rejects.toMatchObject({
        code: 'invalid_grammar',
        message: expect.stringContaining('ways'),
      })
    expect((await other).text).toBe('a'.repeat(100))
    expect(open!.engine.snapshot()).toMatchObject({ restarts: 0, running: 0 })
  })

  it.each([[{ gbnf: 'root ::= "a"', after: [] }], [{ gbnf: 'root ::= "a"', after: ['a', ''] }]])(
    'has to begin somewhere: %o',
    async (grammar) => {
      const say = sayer({})
      await expect(say({ grammar })).rejects.toMatchObject({ code: 'invalid_sampling' })
    },
  )
})

describe('sentencepiece', () => {
  it('writes what the grammar describes, with tokens of bytes where it has no others', async () => {
    open = openEngine({ maxBatchSize: 4 }, { vocabulary: 'sentencepiece' })
    const { engine } = open
    for (let seed = 0; seed < 10; seed += 1) {
      const gbnf = 'root ::= " "? "the" (" the" | "é🙂" [0-9]){1,5} "."'
      const request = ask('the', { grammar: { gbnf }, sampling: { temperature: 1, seed } })
      const { text, finishReason } = await collect(engine.generate(request))
      expect(finishReason).toBe('stop')
      expect(text).toMatch(/^ ?the( the|é🙂\d){1,5}\.$/u)
    }
  })
})
