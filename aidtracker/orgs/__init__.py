"""City > county > township > village | school > class: the places that everything belongs to."""
