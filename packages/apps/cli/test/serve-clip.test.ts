/**
 * A served CLIP folder: `POST /v1/embeddings` matches the model in any batch, for texts and images; and failures: killed process,
 * disconnected clients, invalid images.
 */

import type { ChildProcess } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeImage, toPlanes } from '@hadal/images'
import { type Clip, captionBatch, clipPreprocessing, loadClip, loadTokenizer } from '@hadal/nn'
import { noGrad, scope, setNumThreads, type Tensor, torch } from '@hadal/tensor'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { cpuTicks } from '../../../kernel/base/test/cpu-ticks.ts'
import { expectClose } from '../../../training/tensor/test/expect-close.ts'
import { serve } from './hadal-process.ts'
import { dataUrl, picture, png, writeTinyClip } from './tiny-clip.ts'

setNumThreads(1)
const folder = mkdtempSync(join(tmpdir(), 'hadal-serve-clip-'))
const modelFolder = join(folder, 'tiny-clip')
afterAll(() => rmSync(folder, { recursive: true }))

const white = [255, 255, 255] as const
const [red, green, blue] = [
  [250, 10, 20],
  [20, 240, 10],
  [10, 30, 250],
] as const
const pictures = [
  picture(white, red),
  picture(white, green, 64, 20),
  picture(blue, red, 17, 90),
  picture(green, blue),
]
const captions = ['a red square', 'a picture of a cat, and of a dog', '', 'tschüß 🙂']

interface Answer {
  readonly data: readonly { readonly index: number; readonly embedding: readonly number[] }[]
  readonly usage: { readonly prompt_tokens: number }
  readonly error?: { readonly code: string; readonly param: string | null; readonly message: string }
}

let hadal: ChildProcess
let url: string
let model: Clip

async function embed(
  input: unknown,
  init: RequestInit = {},
): Promise<Answer & { status: number; retryAfter: string | null }> {
  const response = await fetch(`${url}/v1/embeddings`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'tiny-clip', input }),
    ...init,
  })
  const answer = (await response.json()) as Answer
  return { ...answer, status: response.status, retryAfter: response.headers.get('retry-after') }
}
const vectorsOf = ({ data }: Answer): (readonly number[])[] => data.map(({ embedding }) => embedding)

function direct(compute: () => Tensor): number[] {
  return [...(noGrad(() => scope(() => compute().float().toTypedArray())) as Float32Array)]
}

/** Computed directly by the model. */
function ofText(text: string): number[] {
  const { tokenizer, endOfText } = loadTokenizer(modelFolder)
  const tokens = { start: tokenizer.special('<|startoftext|>'), end: endOfText, length: 40 }
  return direct(() => model.embedTexts(captionBatch([tokenizer.encode(text)], tokens)))
}

async function ofImage(image: Buffer): Promise<number[]> {
  const pixels = await decodeImage(image, { width: 32, height: 32, fit: 'crop' })
  const planes = toPlanes([pixels], clipPreprocessing)
  return direct(() => model.embedImages(torch.tensor(planes, { shape: [1, 3, 32, 32] })))
}

/** Encoders of two layers with dot products of up to 48 terms, unbatched and batched. */
const closeness = { roundings: 1500 }

async function start(...args: string[]): Promise<void> {
  ;({
    hadal: { child: hadal },
    url,
  } = await serve(...args))
}

beforeAll(async () => {
  writeTinyClip(modelFolder)
  model = loadClip(modelFolder).model
  await start('--model', modelFolder, '--max-batch-size', '4', '--threads', '1')
})
afterAll(() => void hadal?.kill('SIGKILL'))

describe('hadal serve of a CLIP folder', () => {
  it('answers what the model computes, alone and in any company', async () => {
    const wanted = [...captions.map(ofText), ...(await Promise.all(pictures.map(ofImage)))]
    const inputs = [...captions, ...pictures.map((image) => ({ image: dataUrl(image) }))]
    const together = await embed(inputs)
    expect(together.status).toBe(200)
    expect(together.data.map(({ index }) => index)).toEqual([...inputs.keys()])
    for (const [at, vector] of vectorsOf(together).entries()) expectClose(vector, wanted[at]!, closeness)
    // Each four times, in separate requests, all at once: batches of four.
    const requested = [...Array(4).keys()].flatMap(() => inputs.map((input, at) => ({ input, at })))
    const apart = await Promise.all(
      requested.map(async ({ input, at }) => ({ at, answer: await embed(input) })),
    )
    for (const { at, answer } of apart) expectClose(vectorsOf(answer)[0]!, wanted[at]!, closeness)
    // And they do differ.
    expect(new Set(wanted.map(String)).size).toBe(wanted.length)
  })

  it('counts an image as the positions that its tower computes', async () => {
    const { usage } = await embed(['', { image: dataUrl(pictures[0]!) }])
    expect(usage.prompt_tokens).toBe(2 + 17)
  })

  it('finds an image by itself, among others', async () => {
    const images = vectorsOf(await embed(pictures.map((image) => ({ image: dataUrl(image) }))))
    const again = vectorsOf(await embed({ type: 'image_url', image_url: { url: dataUrl(pictures[2]!) } }))[0]!
    const similarity = images.map((vector) => vector.reduce((sum, value, at) => sum + value * again[at]!, 0))
    expect(similarity.indexOf(Math.max(...similarity))).toBe(2)
    expect(similarity[2]).toBeCloseTo(1, 5)
  })

  it('says what it is', async () => {
    const { data } = (await (await fetch(`${url}/v1/models`)).json()) as { data: Record<string, unknown>[] }
    expect(data[0]).toMatchObject({
      id: 'tiny-clip',
      architecture: 'clip',
      capabilities: ['embedding', 'vision'],
    })
    const metrics = await (await fetch(`${url}/metrics`)).text()
    expect(metrics).toMatch(/hadal_clip_batch_inputs_count\{model_name="tiny-clip",encoder="image"\} [1-9]/)
    expect(metrics).toMatch(/hadal_clip_batch_seconds_count\{model_name="tiny-clip",encoder="text"\} [1-9]/)
  })

  it('never has libtorch in the server’s process', () => {
    expect(readFileSync(`/proc/${hadal.pid}/maps`, 'utf8')).not.toMatch(/libtorch|vips/)
  })

  const bytes = Buffer.from
  it.each([
    ['no image', bytes('a text, no image'), 400, 'image_invalid'],
    ['an image without its end', picture(white, red, 200, 200).subarray(0, 120), 400, 'image_invalid'],
    [
      'a drawing',
      bytes('<svg xmlns="http://www.w3.org/2000/svg"><rect width="9" height="9"/></svg>'),
      400,
      'image_drawing_refused',
    ],
    ['a TIFF', bytes('II*\0........'), 400, 'image_format_unsupported'],
    [
      'more pixels than it decodes',
      png(60_000, 60_000, bytes('789c030000000001', 'hex')),
      413,
      'image_too_many_pixels',
    ],
  ])('refuses %s, by its place', async (_, image, status, code) => {
    const answer = await embed(['a', { image: dataUrl(pictures[0]!) }, { image: image.toString('base64') }])
    expect(answer.error).toMatchObject({
      code,
      param: 'input[2]',
      message: expect.stringContaining('input 2'),
    })
    expect(answer.status).toBe(status)
  })

  it('refuses a caption that is too long, addresses, tokens and chats', async () => {
    const long = await embed(['a', 'x'.repeat(300)])
    expect([long.status, long.error?.code]).toEqual([400, 'context_length_exceeded'])
    expect((await embed({ image: `${url}/cat.png` })).error?.code).toBe('image_address_refused')
    expect((await embed([1, 2, 3])).error?.code).toBe('tokens_off')
    const post = (path: string, body: unknown) =>
      fetch(url + path, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      }).then(async (response) => ((await response.json()) as Answer).error?.code)
    const messages = [{ role: 'user', content: 'Hello' }]
    expect(await post('/v1/chat/completions', { messages })).toBe('generation_off')
    expect(await post('/v1/completions', { prompt: 'Hello' })).toBe('generation_off')
    expect(await post('/v1/rerank', { query: 'a', documents: ['b'] })).toBe('reranking_off')
  })

  it('goes on for others when a client leaves', async () => {
    const many = Array.from({ length: 200 }, () => ({ image: dataUrl(pictures[1]!) }))
    const leaving = new AbortController()
    const left = embed(many, { signal: leaving.signal })
    setTimeout(() => leaving.abort(), 30)
    await expect(left).rejects.toThrow()
    expect((await embed('a red square')).status).toBe(200)
  })

  it('is started again when its process is killed: 503 for who was in it, answers for who comes after', async () => {
    const many = Array.from({ length: 250 }, () => ({ image: dataUrl(pictures[1]!) }))
    const towers = towersOf(hadal.pid!)
    // What the client of another test left behind is computed first.
    let before = -1
    const computesNothing = (): boolean => {
      const last = before
      before = cpuTicks(towers)
      return before === last
    }
    await expect.poll(computesNothing, { interval: 200 }).toBe(true)
    const lost = embed(many)
    // All of it takes some fifty.
    await expect.poll(() => cpuTicks(towers) - before, { interval: 5 }).toBeGreaterThan(2)
    process.kill(towers, 'SIGKILL')
    const answer = await lost
    expect([answer.status, answer.error?.code]).toEqual([503, 'engine_crashed'])
    expect(Number(answer.retryAfter)).toBeGreaterThan(0)
    const after = await embed({ image: dataUrl(pictures[0]!) })
    expectClose(vectorsOf(after)[0]!, await ofImage(pictures[0]!), closeness)
  })
})

/** The process that the server started. */
function towersOf(pid: number): number {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ').map(Number)
  const isTowers = (child: number): boolean =>
    readFileSync(`/proc/${child}/cmdline`, 'utf8').includes('/clip/main.')
  const found = children.find(isTowers)
  if (found === undefined) throw new Error(`no process with towers among ${children}`)
  return found
}
