// Asks an OpenAI-compatible server: greedily, one question or many side by side. Knows nothing about what is asked.

export interface Message {
  readonly role: 'system' | 'user' | 'assistant'
  readonly content: string
}

export interface Reply {
  readonly text: string
  /** The model ended it; otherwise it was cut off at `maxTokens`. */
  readonly ended: boolean
}

export interface ChatClient {
  readonly model: string
  ask(messages: readonly Message[], maxTokens: number): Promise<Reply>
}

/** Talks to the first model that the server at `url` lists. */
export async function connectChat(url: string): Promise<ChatClient> {
  const { data } = await request<{ data: readonly { id: string }[] }>(`${url}/v1/models`)
  const model = data[0]?.id
  if (model === undefined) throw new Error(`${url} serves no model`)
  return {
    model,
    async ask(messages, maxTokens) {
      const body = { model, messages, temperature: 0, max_tokens: maxTokens }
      const { choices } = await request<ChatAnswer>(`${url}/v1/chat/completions`, body)
      const { message, finish_reason } = choices[0]!
      return { text: message.content ?? '', ended: finish_reason === 'stop' }
    },
  }
}

interface ChatAnswer {
  readonly choices: readonly {
    readonly message: { readonly content: string | null }
    readonly finish_reason: string
  }[]
}

async function request<Answer>(address: string, body?: object): Promise<Answer> {
  const options = body && {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  }
  const response = await fetch(address, options).catch((error: Error) => {
    throw new Error(`cannot reach ${address}; start a server with: npm start`, { cause: error })
  })
  if (!response.ok) throw new Error(`${address} answered ${response.status}: ${await response.text()}`)
  return (await response.json()) as Answer
}

/** The results in order; at most `concurrency` at a time. The first failure ends it. */
export async function mapConcurrently<Item, Result>(
  items: readonly Item[],
  concurrency: number,
  work: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = []
  const queue = items.entries()
  let failed = false
  const worker = async (): Promise<void> => {
    for (const [index, item] of queue) {
      if (failed) return
      results[index] = await work(item)
    }
  }
  const workers = Array.from({ length: concurrency }, () =>
    worker().catch((error) => {
      failed = true
      throw error
    }),
  )
  await Promise.all(workers)
  return results
}
