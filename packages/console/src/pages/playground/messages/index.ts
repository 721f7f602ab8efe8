/** What a message looks like: its words, its reasoning, its calls, its tokens, its time. */

export { Markdown, type MarkdownProps } from './markdown/markdown.tsx'
export { MessageView, type MessageViewProps } from './message-view.tsx'
