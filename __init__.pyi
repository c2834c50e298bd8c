from .experiments.elements import Elements as Elements, calibrated as calibrated, varied as varied
from .experiments.engine import DivergedError as DivergedError, simulate as simulate
from .experiments.finding import Finding as Finding
from .experiments.fit import Fit as Fit, fit_curve as fit_curve
from .experiments.hardware import PulseCap as PulseCap, Smooth as Smooth
from .experiments.measured import Curve as Curve, read_curve as read_curve
from .experiments.pulses import (
    LoneTrains as LoneTrains,
    Pulses as Pulses,
    PulseTrain as PulseTrain,
    RoundedTrains as RoundedTrains,
    crossings as crossings,
    rank_one as rank_one,
)
from .experiments.reading import Converters as Converters
from .experiments.record import Record as Record
from .theory.algorithm import (
    AnalogGD as AnalogGD,
    AnalogSGD as AnalogSGD,
    DigitalSGD as DigitalSGD,
    OnArray as OnArray,
    ResidualLearning as ResidualLearning,
    Schedule as Schedule,
    TikiTaka as TikiTaka,
    analog_update as analog_update,
    smooth as smooth,
)
from .theory.bilevel import MeanDynamics as MeanDynamics, hypergradient as hypergradient, residual as residual
from .theory.buffered import (
    Buffered as Buffered,
    BufferedResidualLearning as BufferedResidualLearning,
    ResidualLearningV2 as ResidualLearningV2,
    TikiTakaV2 as TikiTakaV2,
)
from .theory.floors import Coordinate as Coordinate, Floor as Floor, floor as floor
from .theory.increments import Grain as Grain
from .theory.interpolation import capped_critical_ratio as capped_critical_ratio, critical_ratio as critical_ratio
from .theory.law import Law as Law, Parameter as Parameter, Prediction as Prediction
from .theory.laws import law as law
from .theory.noise import (
    FiniteSupport as FiniteSupport,
    Gaussian as Gaussian,
    NoNoise as NoNoise,
    Rademacher as Rademacher,
    Rows as Rows,
    SampleSequence as SampleSequence,
    folded_normal as folded_normal,
)
from .theory.objective import (
    LeastSquares as LeastSquares,
    Objective as Objective,
    Quadratic as Quadratic,
    SmoothObjective as SmoothObjective,
)
from .theory.outcome import Budget as Budget
from .theory.penalty import ImplicitPenalty as ImplicitPenalty, fixed_point as fixed_point, w_tilde as w_tilde
from .theory.presets import Preset as Preset, preset as preset, presets as presets
from .theory.registry import Registry as Registry
from .theory.response import (
    ResponseFunction as ResponseFunction,
    exponential as exponential,
    from_expressions as from_expressions,
    ideal as ideal,
    linear as linear,
    one_sided as one_sided,
    power as power,
)
from .theory.settle import settle as settle
from .theory.statement import (
    All as All,
    Assumption as Assumption,
    Certified as Certified,
    Exists as Exists,
    Field as Field,
    ForAll as ForAll,
    Identity as Identity,
    Implication as Implication,
    Measured as Measured,
    MeasuredOrder as MeasuredOrder,
    Order as Order,
    Premise as Premise,
    Published as Published,
    Same as Same,
    Sides as Sides,
    Statement as Statement,
    SumOverCoordinates as SumOverCoordinates,
    Term as Term,
    Verdict as Verdict,
)
from .theory.strategies import instances as instances
from .theory.symbols import latex as latex, symbol as symbol
