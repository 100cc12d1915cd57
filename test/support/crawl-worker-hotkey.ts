/** SS58 address of //Alice, whose workers a crawl under kills is run by. */
export const WORKER_HOTKEY = '5GrwvaEF5zXb26Fz9rcQpDWS57CtERHpNehXCPcNoHGKutQY';
