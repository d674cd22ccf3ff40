"""What the addresses of the lists may ask for."""

OUTSIDE = "outside"  # ?township= of those registered in other counties
LONGEST_TEXT = 30  # of a name that is searched for
ORDERS = ("home", "name", "born")  # ?sort=
