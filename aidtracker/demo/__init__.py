"""The demo county: everything in it is invented, and it is built by the same set-based actions as the imports.

What stands in it, for a given day (`on`) and seed; the same day and seed give the same county:

* 九九市 (9900) > 云岭县 (990100): 12 townships, 91 villages, 25 schools (town and township primaries, juniors, one
  nine-year school, teaching points), 228 classes of grades 1 to 9, about 6,500 pupils of the current school year.
* Beside it 邻山县 (990200): 2 townships, 3 schools, about 330 pupils, so that the border between counties can be seen.
* Pupils: boarding in junior schools, some 20 taught at home (送教上门), left-behind and disabled children, orphans, homes
  registered in other townships, in the other county and elsewhere, names of several peoples and with rare characters,
  twins, pupils who share a name. IDs begin with 99 and so belong to nobody; their check digits are right, but for a
  few that are wrong on purpose. Phone numbers begin with 100, which no telephone does.
* Rolls of the last 30 school days and of this morning for most classes: sick and personal leave, late, left early, a
  class with an outbreak, streaks of 3, 5, 8 and 12 days without excuse, classes that often do not report, corrections.
* Accounts: one of every role and three of the other county (staff.py), a principal of every school, a teacher of every class, all
  with one password. The teachers among the former have not taken this morning's roll; names in their classes are long and rare.

`--small` builds one township of 云岭县 and one small school of 邻山县, for tests and for a quick look.
"""
