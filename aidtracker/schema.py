"""MODELS in floor order: what the migrations make and what a backup holds."""

from aidtracker.accounts.models import Membership, SignInAttempt, User, UserSession
from aidtracker.accounts.models_requests import RoleRequest
from aidtracker.accounts.models_second import HalfSignIn, RecoveryCode, SecondFactor
from aidtracker.accounts.models_staff import Invitation, StaffRecord
from aidtracker.aid.models import Batch, Payment, PaymentVersion, Program
from aidtracker.attachments.models import Attachment, AttachmentContent
from aidtracker.attendance.models import Absence, DaySum, NoClass, RollCall, RollCallVersion, SessionPlan
from aidtracker.attendance.models_illness import IllnessAlert, SymptomReport
from aidtracker.attendance.models_leaves import Leave, LeaveStep
from aidtracker.attendance.models_sweeps import NotReturned, Sweep, SweepDay
from aidtracker.attendance.models_warnings import AbsenceWarning, WarningRound
from aidtracker.audit.models import AuditEntry
from aidtracker.cases.models import Case, CaseStep, CaseVersion, FollowUp
from aidtracker.cases.models_closing import CaseClosing, CaseTask
from aidtracker.cases.models_handover import CaseHandover
from aidtracker.cases.models_notice import Notice, NoticeService, NoticeText
from aidtracker.cases.models_reasons import ReasonName
from aidtracker.cases.models_responsibility import Responsibility
from aidtracker.cases.models_sealed import CaseGlance, CaseOverruling, CaseReader, CaseSeal
from aidtracker.census.models import ListedChild, ListKind, MatchedPair, Snapshot
from aidtracker.crypto.models import KeyringKey
from aidtracker.imports.models import ImportFile, ImportHeading
from aidtracker.jobs.models import Job
from aidtracker.operation.models import Backup, Installation
from aidtracker.orgs.models import Org, School, SchoolClass
from aidtracker.policies.models import PolicyValue
from aidtracker.receipts.models import Receipt
from aidtracker.students.models import Enrollment, Guardian, Household, NameReading, Student, Tag
from aidtracker.students.models_extra import ExtraField, ExtraValue
from aidtracker.students.models_history import FormerName, FormerNumber, RosterStep, StudentVersion
from aidtracker.students.models_merging import NotSame, StudentMerge
from aidtracker.students.models_moves import Move, Transfer
from aidtracker.students.models_quality import QualityFinding, QualitySum
from aidtracker.students.models_rollover import Feeder, Rollover, RolloverOrder
from aidtracker.tasks.models import Task
from aidtracker.terms.models import CalendarDay, Closure, Rota, TermDates
from aidtracker.terms.models_years import ClosedYear
from aidtracker.visits.models import AwaitedFile, Visit, VisitFile, VisitStudent, VisitVersion
from aidtracker.visits.models_calls import CallBack, CallDraw, CallMade
from aidtracker.visits.models_coverage import CoverageKept, CoverageSum
from aidtracker.visits.models_looks import FormerLook, SecondLook
from aidtracker.visits.models_papers import Paper, PaperBatch
from aidtracker.visits.models_plans import IndividualGoal, IndividualPlan, QuotaReminder, VisitPlan, YearReminder

MODELS = (
    KeyringKey,
    AuditEntry,
    Receipt,
    Job,
    Attachment,
    AttachmentContent,
    Org,
    School,
    SchoolClass,
    User,
    Membership,
    UserSession,
    SignInAttempt,
    StaffRecord,
    Invitation,
    SecondFactor,
    RecoveryCode,
    HalfSignIn,
    RoleRequest,
    PolicyValue,
    Task,
    CalendarDay,
    Closure,
    TermDates,
    Rota,
    ClosedYear,
    Household,
    Student,
    NameReading,
    Guardian,
    Enrollment,
    Tag,
    ExtraField,
    ExtraValue,
    Move,
    Transfer,
    FormerNumber,
    FormerName,
    StudentVersion,
    RosterStep,
    QualityFinding,
    QualitySum,
    Feeder,
    Rollover,
    RolloverOrder,
    NotSame,
    StudentMerge,
    SessionPlan,
    NoClass,
    SweepDay,
    Sweep,
    NotReturned,
    RollCall,
    Absence,
    RollCallVersion,
    DaySum,
    Leave,
    LeaveStep,
    SymptomReport,
    IllnessAlert,
    AbsenceWarning,
    WarningRound,
    Visit,
    VisitStudent,
    VisitFile,
    AwaitedFile,
    VisitVersion,
    VisitPlan,
    IndividualPlan,
    IndividualGoal,
    QuotaReminder,
    YearReminder,
    PaperBatch,
    Paper,
    CallDraw,
    CallBack,
    CallMade,
    SecondLook,
    FormerLook,
    CoverageSum,
    CoverageKept,
    Case,
    FollowUp,
    CaseStep,
    CaseVersion,
    CaseClosing,
    CaseTask,
    CaseHandover,
    ReasonName,
    NoticeText,
    Notice,
    NoticeService,
    Responsibility,
    CaseSeal,
    CaseReader,
    CaseGlance,
    CaseOverruling,
    ListKind,
    Snapshot,
    ListedChild,
    MatchedPair,
    Program,
    Batch,
    Payment,
    PaymentVersion,
    ImportFile,
    ImportHeading,
    Installation,
    Backup,
)
