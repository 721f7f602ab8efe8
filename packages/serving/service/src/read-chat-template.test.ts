import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { readChatTemplate } from './read-chat-template.ts'

it('takes Jinja as it is, and any other text for a file', () => {
  const folder = mkdtempSync(join(tmpdir(), 'hadal-template-'))
  try {
    const file = join(folder, 'chat.jinja')
    writeFileSync(file, '{{ messages }}')
    expect(readChatTemplate(file)).toBe('{{ messages }}')
    expect(readChatTemplate('{% for m in messages %}{% endfor %}')).toBe(
      '{% for m in messages %}{% endfor %}',
    )
    expect(readChatTemplate('chatml')).toContain('<|im_start|>')
    expect(readChatTemplate(undefined)).toBeUndefined()
    for (const unreadable of ['llama99', folder])
      expect(() => readChatTemplate(unreadable)).toThrow(
        expect.objectContaining({
          code: 'chat_template_unreadable',
          message: expect.stringContaining(`cannot read the chat template ${JSON.stringify(unreadable)}`),
          help: expect.stringContaining('chatml'),
        }),
      )
  } finally {
    rmSync(folder, { recursive: true })
  }
})
