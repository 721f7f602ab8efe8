/** The console's icons: strokes on a 24-unit grid in the text colour. Decorative only. */

import type { ReactNode } from 'react'

/** One row each: what a pen draws. */
const drawings = {
  chat: 'M4 5.5h16v11H11l-4.5 3.5v-3.5H4z',
  pulse: 'M3 12h4l2.5-6.5 5 13L17 12h4',
  sliders: 'M4 7h9m4 0h3M4 17h3m4 0h9M13 7a2 2 0 1 0 4 0 2 2 0 1 0-4 0M7 17a2 2 0 1 0 4 0 2 2 0 1 0-4 0',
  curve: 'M4 4v16h16M7.5 8c2 6.5 5.5 8 12.5 8.5',
  shield: 'M12 3.5l7 2.5v5.5c0 4.3-2.8 7.2-7 9-4.2-1.8-7-4.7-7-9V6zM9 12l2.2 2.2L15.2 10',
  server: 'M4 4.5h16v6H4zM4 13.5h16v6H4zM7.5 7.5h.01M7.5 16.5h.01M11 7.5h5M11 16.5h5',
  key: 'M11.2 12.8L20 4m-3 3l2.5 2.5M12.5 16a4.5 4.5 0 1 1-9 0 4.5 4.5 0 0 1 9 0z',
  sun: 'M16 12a4 4 0 1 1-8 0 4 4 0 0 1 8 0zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M5.3 18.7l1.4-1.4M17.3 6.7l1.4-1.4',
  moon: 'M20 14.2A8 8 0 1 1 9.8 4a6.4 6.4 0 0 0 10.2 10.2z',
  screen: 'M3.5 5h17v11h-17zM9 20h6M12 16v4',
  language:
    'M4 6h9M8.5 3.8V6M11.5 6c-.8 3.6-3.4 6.6-7 8M6 9c1.2 2.4 3.2 4.2 5.6 5.2M12.5 20.5l4-9.5 4 9.5M14 17.2h5',
  search: 'M16.5 16.5L21 21M18 10.75a7.25 7.25 0 1 1-14.5 0 7.25 7.25 0 0 1 14.5 0z',
  menu: 'M4 7h16M4 12h16M4 17h16',
  more: 'M5.5 12h.01M12 12h.01M18.5 12h.01',
  close: 'M6 6l12 12M18 6L6 18',
  check: 'M5 12.5l4.5 4.5L19 7.5',
  copy: 'M8.5 8.5h11v11h-11zM15.5 8.5v-4h-11v11h4',
  refresh: 'M20 5v5h-5M4 19v-5h5M19.2 10A7.5 7.5 0 0 0 5.6 8M4.8 14a7.5 7.5 0 0 0 13.6 2',
  play: 'M7.5 5v14l11-7z',
  pause: 'M8.5 5.5v13M15.5 5.5v13',
  stop: 'M6.5 6.5h11v11h-11z',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  trash: 'M4.5 7h15M9.5 7V4.5h5V7M6.5 7l1 12.5h9l1-12.5M10.2 10.5v6M13.8 10.5v6',
  edit: 'M4.5 19.5l.9-4L16 4.9l3.1 3.1L8.5 18.6zM13.5 7.4l3.1 3.1',
  download: 'M12 4v11M7.5 10.5L12 15l4.5-4.5M4.5 19.5h15',
  upload: 'M12 15.5V4.5M7.5 9L12 4.5 16.5 9M4.5 19.5h15',
  up: 'M6 15l6-6 6 6',
  down: 'M6 9l6 6 6-6',
  left: 'M15 6l-6 6 6 6',
  right: 'M9 6l6 6-6 6',
  arrow: 'M4.5 12h15M13.5 6l6 6-6 6',
  send: 'M12 19.5v-15M5.5 11L12 4.5l6.5 6.5',
  warning: 'M12 4L21 19.5H3zM12 10v4.5M12 17h.01',
  info: 'M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0zM12 11v5.5M12 7.8h.01',
  blocked: 'M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0zM6 6l12 12',
  external: 'M13.5 4.5h6v6M19.5 4.5l-9 9M10 5.5H4.5v14h14V14',
  lock: 'M5.5 10.5h13v9.5h-13zM8.5 10.5V7.5a3.5 3.5 0 0 1 7 0v3',
  filter: 'M4 6h16M7 12h10M10 18h4',
  undo: 'M8.5 5L4 9.5 8.5 14M4.5 9.5h9a5.5 5.5 0 0 1 0 11H10',
  eye: 'M2.5 12C5 7.5 8.2 5.5 12 5.5s7 2 9.5 6.5c-2.5 4.5-5.7 6.5-9.5 6.5S5 16.5 2.5 12zM15 12a3 3 0 1 1-6 0 3 3 0 0 1 6 0z',
  table: 'M4 5h16v14H4zM4 10h16M4 14.5h16M10 10v9',
  bell: 'M6 16.5V11a6 6 0 0 1 12 0v5.5l1.5 1.5h-15zM10 20.5h4',
  columns: 'M4 5h16v14H4zM12 5v14',
  code: 'M8.5 7L3.5 12l5 5M15.5 7l5 5-5 5',
  wrap: 'M4 6h16M4 12h13a3 3 0 0 1 0 6h-4M15 15.5L12.5 18l2.5 2.5M4 18h4',
  branch:
    'M7 8.5v7M17 8.5c0 4.5-10 3-10 7M9 6.25a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM9 17.75a2 2 0 1 1-4 0 2 2 0 0 1 4 0zM19 6.25a2 2 0 1 1-4 0 2 2 0 0 1 4 0z',
  wrench:
    'M14.5 9.5l-9 9a1.8 1.8 0 0 1-2.5-2.5l9-9M20 8.5a4.8 4.8 0 0 1-6.7 4.2M12.2 10A4.8 4.8 0 0 1 16.5 4L14.5 7l2.5 2.5z',
  clock: 'M20.5 12a8.5 8.5 0 1 1-17 0 8.5 8.5 0 0 1 17 0zM12 7v5.2l3.2 2',
  file: 'M6 3.5h8l4.5 4.5v12.5H6zM13.5 3.5v5h5',
  compare: 'M7.5 4.5L4 8l3.5 3.5M4 8h13M16.5 12.5L20 16l-3.5 3.5M20 16H7',
  star: 'M12 4l2.4 5.2 5.6.7-4.1 3.9 1.1 5.7-5-2.8-5 2.8 1.1-5.7L4 9.9l5.6-.7z',
} as const

export type IconName = keyof typeof drawings

export interface IconProps {
  readonly name: IconName
  /** When nothing next to it has its meaning. */
  readonly label?: string | undefined
}

export function Icon({ name, label }: IconProps): ReactNode {
  return (
    <svg
      className={`icon icon-${name}`}
      viewBox="0 0 24 24"
      aria-hidden={label === undefined}
      role="img"
      aria-label={label}
    >
      <path d={drawings[name]} />
    </svg>
  )
}

/** The mark: water that narrows as it deepens. */
export function Mark(): ReactNode {
  return (
    <svg className="mark" viewBox="0 0 32 32" aria-hidden="true">
      <path d="M7 9h18M10 14h12M12.5 19h7M15 24h2" />
    </svg>
  )
}
