/** All that pages are made of. */

export { LineChart, type LineChartProps, type Series } from './charts.tsx'
export { CodeBlock, CopyButton } from './code.tsx'
export { Button, NumberField, Select, Switch, Tabs, TextField } from './controls.tsx'
export { type Column, Stat, Table } from './figures.tsx'
export { formatBytes, formatCount, formatMillis, formatPercent, formatTime } from './format.ts'
export { Badge, EmptyState, ErrorState, Notice, Skeleton } from './states.tsx'
export { Card, Dialog, Page } from './surfaces.tsx'
