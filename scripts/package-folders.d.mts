export declare function packageFolders(): string[]
export declare function nameOf(folder: string): string
