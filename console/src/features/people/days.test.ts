import { expect, it } from "vitest";
import { dayEnd, remembered } from "./days";

it.each([
  ["2026-11-20", "Asia/Shanghai", "2026-11-20T16:00:00.000Z"],
  ["2026-11-20", "UTC", "2026-11-21T00:00:00.000Z"],
  ["2026-11-20", "Asia/Kathmandu", "2026-11-20T18:15:00.000Z"],
  ["2026-11-20", "Pacific/Kiritimati", "2026-11-20T10:00:00.000Z"],
  ["2026-11-20", "Pacific/Pago_Pago", "2026-11-21T11:00:00.000Z"],
  ["2026-03-08", "America/New_York", "2026-03-09T04:00:00.000Z"],
  ["2026-11-01", "America/New_York", "2026-11-02T05:00:00.000Z"],
])("ends %s in %s at %s", (day, zone, end) => expect(dayEnd(day, zone)).toBe(end));

it("remembers days without mixing them up", () => {
  const asked: string[] = [];
  const day = remembered((at) => {
    asked.push(at);
    return at.slice(0, 10);
  });
  const times = ["2026-11-20T23:50:00Z", "2026-11-20T23:59:59Z", "2026-11-21T00:00:00Z", "2026-11-20T23:45:00Z"];
  expect(times.map(day)).toEqual(["2026-11-20", "2026-11-20", "2026-11-21", "2026-11-20"]);
  expect(asked.length).toBe(2);
});
