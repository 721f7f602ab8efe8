/** Where a page ends that threw: the others go on. */

import { Component, type ReactNode } from 'react'
import { Button, CodeBlock, EmptyState, Page } from '../design/index.ts'
import { useMessages } from '../messages/use-messages.ts'
import { shellWords } from './words.ts'

interface Props {
  readonly title: string
  readonly onAgain: () => void
  readonly children: ReactNode
}

interface State {
  readonly error: unknown
}

export class PageErrors extends Component<Props, State> {
  override state: State = { error: undefined }

  static getDerivedStateFromError(error: unknown): State {
    return { error }
  }

  override render(): ReactNode {
    const { title, onAgain, children } = this.props
    if (this.state.error === undefined) return children
    return <Failed title={title} error={this.state.error} onAgain={onAgain} />
  }
}

interface FailedProps extends Omit<Props, 'children'> {
  readonly error: unknown
}

function Failed({ title, error, onAgain }: FailedProps): ReactNode {
  const say = useMessages(shellWords)
  return (
    <Page title={title}>
      <EmptyState
        icon="warning"
        title={say.failed}
        action={
          <>
            <Button kind="primary" icon="refresh" onPress={onAgain}>
              {say.tryAgain}
            </Button>
            <Button onPress={() => location.reload()}>{say.reload}</Button>
          </>
        }
      >
        <p>{say.failedLead}</p>
        <CodeBlock
          code={error instanceof Error ? `${error.name}: ${error.message}` : String(error)}
          isWrapped
        />
      </EmptyState>
    </Page>
  )
}
