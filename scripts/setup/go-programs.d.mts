export function findGoProgram(root: string, program: string): string | undefined;
