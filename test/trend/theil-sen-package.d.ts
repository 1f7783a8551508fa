/** The package comes without types: as much of it as a test needs. */
declare module "ml-regression-theil-sen" {
  export class TheilSenRegression {
    readonly slope: number;
    constructor(x: readonly number[], y: readonly number[]);
  }
}
