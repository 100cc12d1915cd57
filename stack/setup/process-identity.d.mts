/** When a process started, as an opaque text; undefined when there is no such process, a zombie included. */
export declare function processStartTime(pid: number): string | undefined;
