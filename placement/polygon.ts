export type Point = readonly [x: number, y: number];

/** The middle of a convex polygon, given by its corners in order; null when it is too thin to have one. */
export function middleOf(corners: readonly Point[]): Point | null {
  const [origin] = corners;
  if (origin === undefined) return null;
  let [area, x, y] = [0, 0, 0];
  for (const [i, a] of corners.entries()) {
    const b = corners[(i + 1) % corners.length] ?? a;
    const [ax, ay, bx, by] = [a[0] - origin[0], a[1] - origin[1], b[0] - origin[0], b[1] - origin[1]];
    const part = ax * by - bx * ay;
    area += part;
    x += part * (ax + bx);
    y += part * (ay + by);
  }
  if (!(Math.abs(area) > 1e-6)) return null;
  return [origin[0] + x / (3 * area), origin[1] + y / (3 * area)];
}

/** The part of a convex polygon on which `height` is above 0; it is linear. */
export function above(corners: readonly Point[], height: (at: Point) => number): Point[] {
  return corners.flatMap((a, i) => {
    const b = corners[(i + 1) % corners.length] ?? a;
    const [atA, atB] = [height(a), height(b)];
    const kept = atA >= 0 ? [a] : [];
    if (atA >= 0 === atB >= 0) return kept;
    const share = atA / (atA - atB);
    const between: Point = [a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1])];
    return [...kept, between];
  });
}
