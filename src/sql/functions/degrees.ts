/**
 * Trigonometric functions of degrees. PostgreSQL makes them exact where the exact value is a short decimal (sind(30) is 0.5): the
 * angle is brought into the first quadrant, where sine is scaled by its value at 30 degrees and cosine by its value at 60.
 */
import { AppError } from "../../errors/app_error.ts";

const radians = Math.PI / 180;
const sineOf30 = Math.sin(30 * radians);
const oneLessCosineOf60 = 1 - Math.cos(60 * radians);
const arcSineOfHalf = Math.asin(0.5);
const arcCosineOfHalf = Math.acos(0.5);
const arcTangentOf1 = Math.atan(1);

/** `name` is PostgreSQL's. Throws `numeric_out_of_range` outside the function's domain. */
export function degreeFunction(name: string, value: number): number {
  switch (name) {
    case "sind":
      return sineSign(value) * quadrantSine(firstQuadrant(value));
    case "cosd":
      return cosineSign(value) * quadrantCosine(firstQuadrant(value));
    case "tand":
      return sineSign(value) * cosineSign(value) * quadrantTangent(firstQuadrant(value));
    case "cotd":
      return sineSign(value) * cosineSign(value) * quadrantCotangent(firstQuadrant(value));
    case "asind":
      return value < 0 ? -quadrantArcSine(-value) : quadrantArcSine(value);
    case "acosd":
      return value < 0 ? 90 + quadrantArcSine(-value) : 90 - quadrantArcSine(value);
    case "atand":
      return Math.atan(value) / arcTangentOf1 * 45;
    default:
      throw new AppError("internal", `unknown function of degrees: ${name}`);
  }
}

/** The angle between 0 and 90 with the same sine and cosine but for their signs. */
function firstQuadrant(value: number): number {
  if (Math.abs(value) === Infinity) throw new AppError("numeric_out_of_range", "input is out of range");
  const turn = Math.abs(value % 360);
  const half = turn > 180 ? 360 - turn : turn;
  return half > 90 ? 180 - half : half;
}

function sineSign(value: number): number {
  return (Math.abs(value % 360) > 180 ? -1 : 1) * (value < 0 ? -1 : 1);
}

function cosineSign(value: number): number {
  const turn = Math.abs(value % 360);
  return turn > 90 && turn < 270 ? -1 : 1;
}

function quadrantSine(degrees: number): number {
  return degrees <= 30 ? scaledSine(degrees) : scaledCosine(90 - degrees);
}

function quadrantCosine(degrees: number): number {
  return degrees <= 60 ? scaledCosine(degrees) : scaledSine(90 - degrees);
}

function quadrantTangent(degrees: number): number {
  return quadrantSine(degrees) / quadrantCosine(degrees) / (quadrantSine(45) / quadrantCosine(45));
}

function quadrantCotangent(degrees: number): number {
  return quadrantCosine(degrees) / quadrantSine(degrees) / (quadrantCosine(45) / quadrantSine(45));
}

/** Exact at 0 and 30. */
function scaledSine(degrees: number): number {
  return Math.sin(degrees * radians) / sineOf30 / 2;
}

/** Exact at 0 and 60. */
function scaledCosine(degrees: number): number {
  return 1 - (1 - Math.cos(degrees * radians)) / oneLessCosineOf60 / 2;
}

function quadrantArcSine(value: number): number {
  if (value > 1) throw new AppError("numeric_out_of_range", "input is out of range");
  return value <= 0.5 ? Math.asin(value) / arcSineOfHalf * 30 : 90 - Math.acos(value) / arcCosineOfHalf * 60;
}
