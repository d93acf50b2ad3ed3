/** The three channels by name, and the classes that colour them. */
export const channelNames = ["red", "green", "blue"] as const;

/** "red"; a plane that stands alone is "gray". */
export const channelName = (channel: number, channels: number): string =>
  channels === 1 ? "gray" : (channelNames[channel] ?? `channel ${channel}`);
