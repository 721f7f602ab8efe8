import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { chatTemplate, chatTokens, trainBpe } from '@hadal/nn'
import { parquetWriteBuffer } from 'hyparquet-writer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { recordingTerminal } from '../../test/recording-terminal.ts'
import { main } from '../main.ts'

const folder = mkdtempSync(join(tmpdir(), 'hadal-data-'))
const write = (name: string, content: unknown): void =>
  writeFileSync(join(folder, name), typeof content === 'string' ? content : JSON.stringify(content))

beforeAll(() => {
  const tokenizer = trainBpe(['hello there'], { vocabSize: 280, specialTokens: Object.values(chatTokens) })
  mkdirSync(join(folder, 'model'))
  write('model/tokenizer.json', tokenizer.toHuggingFace())
  write('model/tokenizer_config.json', {
    eos_token: { content: chatTokens.end },
    chat_template: chatTemplate,
  })
  const messages = [
    { role: 'user', content: 'hello' },
    { role: 'assistant', content: 'hi there' },
  ]
  write('chat.jsonl', `${JSON.stringify({ messages })}\n`)
  write('rows.jsonl', `${JSON.stringify({ messages })}\n{"text": 3}\n{"text": "a long text"}\n`)
})
afterAll(() => rmSync(folder, { recursive: true }))

async function preview(args: readonly string[], color = false) {
  const terminal = recordingTerminal({ folder, color })
  const code = await main(['data', 'preview', ...args], terminal)
  return { code, printed: terminal.printed.join('\n'), noted: terminal.noted.join('\n') }
}

describe('hadal data preview', () => {
  const args = ['rows.jsonl', '--tokenizer', 'model', '--skip-bad', '--length', '8']

  it('shows what is learnt, how long rows are, and which are bad', async () => {
    const { code, printed, noted } = await preview(args)
    expect(code).toBe(0)
    expect(printed).toContain('<|im_start|>assistant↵\n⟦hi there<|im_end|>⟧↵')
    expect(printed).toContain('⟦a long text<|im_end|>⟧')
    expect(printed).toMatch(/2 documents, \d+ tokens.*windows of 8 truncate/s)
    expect(printed).toContain('1 invalid rows skipped')
    expect(noted).toContain('rows.jsonl:2: text must be a string, got the number 3')
  })

  it('paints tokens where there is colour, and prints JSON', async () => {
    expect((await preview(args, true)).printed).toContain('\u001b[1;')
    const { printed } = await preview([...args, '--json', '--rows', '1'])
    expect(JSON.parse(printed)).toMatchObject({ documents: 2, skipped: 1, rows: [{ line: 1 }] })
  })

  it('stops at a bad row where none may be left out', async () => {
    const { code, noted } = await preview(['rows.jsonl', '--tokenizer', 'model/tokenizer.json'])
    expect(code).toBe(1)
    expect(noted).toMatch(/error\[nn_data_row_invalid\]: .*rows\.jsonl:2/)
  })

  it('shows rows of Parquet', async () => {
    const rows = { columnData: [{ name: 'text', data: ['a long text', '', 'hello'] }] }
    writeFileSync(join(folder, 'rows.parquet'), Buffer.from(parquetWriteBuffer(rows)))
    const { code, printed, noted } = await preview(['rows.parquet', '--tokenizer', 'model', '--skip-bad'])
    expect(code).toBe(0)
    expect(printed).toContain('⟦a long text<|im_end|>⟧')
    expect(printed).toMatch(/rows\.parquet:3: .*2 documents,/s)
    expect(noted).toContain('rows.parquet:2: text is empty')
    const cut = await preview(['rows.parquet', '--tokenizer', 'model', '--text-field', 'content'])
    expect([cut.code, cut.noted]).toEqual([1, expect.stringContaining('error[nn_parquet_unusable]')])
  })

  it('takes another template, and says when one fails', async () => {
    const template =
      '{% for m in messages %}({{ m.content }}){% endfor %}{% if add_generation_prompt %}({% endif %}'
    expect((await preview([...args, '--template', template])).printed).toContain('(hello)(⟦hi there)⟧')
    const failing = ['--template', '{{ raise_exception("no") }}']
    const left = await preview([...args, ...failing])
    expect(left.noted).toMatch(/rows\.jsonl:1: the chat template failed: no/)
    expect(left.printed).toContain('2 invalid rows skipped')
    const { code, noted } = await preview(['chat.jsonl', '--tokenizer', 'model', ...failing])
    expect([code, noted]).toEqual([
      1,
      expect.stringMatching(/nn_data_row_invalid.*chat\.jsonl:1: the chat template/s),
    ])
    expect((await preview([...args, '--template', '{% for %}'])).noted).toContain('nn_chat_template_failed')
  })

  it('refuses a tokenizer that is not there or ends no text, and numbers that are none', async () => {
    expect((await preview(['rows.jsonl', '--tokenizer', 'none'])).noted).toContain(
      'error[nn_tokenizer_unreadable]',
    )
    write('bare.json', trainBpe(['a'], { vocabSize: 256, specialTokens: [] }).toHuggingFace())
    const bare = await preview(['rows.jsonl', '--tokenizer', 'bare.json'])
    expect(bare.noted).toMatch(/nn_tokenizer_unreadable.*no end-of-text token/s)
    expect((await preview([...args, '--rows', 'x'])).code).toBe(2)
  })
})
